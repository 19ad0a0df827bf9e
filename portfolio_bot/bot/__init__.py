"""The chat: commands, buttons, who may use them, and the two faces that show them (Telegram and the terminal)."""
