"""The webhook: what arrives, what each refusal means, and that its address never shows."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from portfolio_bot.notify.base import DeliveryError, File, Key, Message, Trouble
from tests.peers.slack import PATH, slack_peer
from tests.peers.slack_client import slack_sink

BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "*$45,310*"}}]
REPORT = Message(
    "<b>$45,310</b> &amp; more\n<pre>Bybit 12,345.67</pre>", ((Key("Refresh", "status"),),), rich={"blocks": BLOCKS}
)


async def test_blocks_arrive_with_the_text_for_the_notification() -> None:
    async with slack_peer() as slack, slack_sink(slack) as sink:
        assert await sink.send("slack", REPORT) == 0
    [posted] = slack.posted
    assert posted["blocks"] == BLOCKS
    assert posted["text"] == "*$45,310* &amp; more\n```\nBybit 12,345.67\n```"


async def test_plain_text_is_escaped_and_a_picture_is_left_out() -> None:
    message = Message("1 < 2 & <!channel>", html=False, file=File("a.png", b"x", picture=True))
    async with slack_peer() as slack, slack_sink(slack) as sink:
        await sink.send("slack", message)
    assert slack.posted == [{"text": "1 &lt; 2 &amp; &lt;!channel&gt;"}]


@pytest.mark.parametrize(
    ("status", "word", "trouble"),
    [
        (429, "rate_limited", Trouble.FLOOD),
        (400, "invalid_blocks", Trouble.BAD_MARKUP),
        (400, "no_text", Trouble.REFUSED),
        (403, "action_prohibited", Trouble.GONE),
        (404, "no_service", Trouble.GONE),
        (410, "channel_is_archived", Trouble.GONE),
        (500, "rollup_error", Trouble.UNKNOWN),
        (503, "<html>Bad gateway</html>", Trouble.UNKNOWN),
        (302, "", Trouble.UNKNOWN),
        (None, "", Trouble.UNKNOWN),
    ],
)
async def test_each_refusal_has_its_name(status: int | None, word: str, trouble: Trouble) -> None:
    async with slack_peer() as slack, slack_sink(slack) as sink:
        slack.fail(status, word)
        with pytest.raises(DeliveryError) as caught:
            await sink.send("slack", REPORT)
    assert caught.value.trouble is trouble
    assert "<html>" not in str(caught.value)


async def test_a_flood_says_how_long_to_wait() -> None:
    async with slack_peer() as slack, slack_sink(slack) as sink:
        slack.fail(429, "rate_limited", retry_after=7)
        with pytest.raises(DeliveryError) as caught:
            await sink.send("slack", REPORT)
    assert caught.value.retry_after == pytest.approx(7, abs=0.5)


async def test_a_hang_leaves_the_fate_unknown_and_nobody_there_means_not_sent() -> None:
    async with slack_peer() as slack, slack_sink(slack, seconds=0.1) as sink:
        slack.fail(200, "ok", effect=True, delay=1)
        with pytest.raises(DeliveryError) as hung:
            await sink.send("slack", REPORT)
        await slack.down()
        with pytest.raises(DeliveryError) as away:
            await sink.send("slack", REPORT)
    assert (hung.value.trouble, away.value.trouble) == (Trouble.UNKNOWN, Trouble.NOT_SENT)


async def test_nothing_can_be_edited_asked_about_deleted_or_pinned() -> None:
    async with slack_peer() as slack, slack_sink(slack) as sink:
        for call in (sink.edit("slack", 1, REPORT), sink.probe("slack", 1, REPORT)):
            with pytest.raises(DeliveryError) as caught:
                await call
            assert caught.value.trouble is Trouble.NO_MESSAGE
        for other in (sink.delete("slack", 1), sink.pin("slack", 1)):
            with pytest.raises(DeliveryError) as caught:
                await other
            assert caught.value.trouble is Trouble.NO_MESSAGE
    assert slack.asked == 0


async def test_the_address_shows_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "portfolio_bot")
    async with slack_peer() as slack, slack_sink(slack) as sink:
        slack.fail()
        with pytest.raises(DeliveryError) as caught:
            await sink.send("slack", REPORT)
        await sink.send("slack", replace(REPORT, text=f"see {slack.webhook}", html=False))
    told = repr(sink) + repr(caught.value) + str(caught.value.__cause__) + str(caught.value.__context__) + caplog.text
    assert PATH not in told
    assert PATH not in slack.texts[0]
