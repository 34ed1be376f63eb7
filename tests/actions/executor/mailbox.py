"""A mail server on this machine that says what it is told to."""

HANG_UP = ""


class Mailbox:
    """A mail server that says what it is told to; `letter` is the last that it took."""

    def __init__(self, **replies: str) -> None:
        self.replies = {
            "greeting": "220 here",
            "ehlo": "250 here",
            "mail": "250 ok",
            "rcpt": "250 ok",
            "data": "354 go",
            "letter": "250 taken",
            "quit": "221 bye",
            **replies,
        }
        self.commands: list[str] = []
        self.letter = b""

    async def converse(self, reader, writer):
        if not await self.say("greeting", writer):
            return
        while line := await reader.readline():
            self.commands.append(line.decode().strip())
            verb = line[:4].decode().lower()
            if not await self.say(verb, writer) or verb == "quit":
                return
            if verb == "data" and self.replies["data"].startswith("354"):
                self.letter = await reader.readuntil(b"\r\n.\r\n")
                if not await self.say("letter", writer):
                    return

    async def say(self, what, writer):
        reply = self.replies.get(what, "250 ok")
        writer.write(f"{reply}\r\n".encode() if reply else b"")
        await writer.drain()
        return reply != HANG_UP
