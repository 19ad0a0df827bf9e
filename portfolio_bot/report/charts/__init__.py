"""Pictures: charts as SVG text, written by ourselves. Pure: whoever wants pixels has the text drawn."""
