"""A language model for the Builder's browser tests: OpenAI's wire format over loopback, and every byte it was sent."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ROLES = {
    "validate": "You decide whether a task",
    "clarify": "You prepare the work of a programmer",
    "build": "You write small, careful Python programs",
    "repair": "You repair small Python programs",
}
"""Words by which the four prompts of the Builder are told apart."""


class BuilderModel:
    """Answers each of the Builder's prompts with what the test gave for it; `bodies` are the requests as they came."""

    def __init__(self, answers: Mapping[str, Callable[[str], Any]]) -> None:
        self.answers = dict(answers)
        self.bodies: list[bytes] = []
        self.asked: list[str] = []
        self.url = ""
        self._lock = threading.Lock()

    def answer(self, body: bytes) -> dict[str, Any]:
        """The completion for one request."""
        said = json.loads(body)["messages"]
        system = "\n".join(_text(each) for each in said if each["role"] != "user")
        user = "\n".join(_text(each) for each in said if each["role"] == "user")
        kind = next((kind for kind, words in ROLES.items() if words in system + user), "unknown")
        with self._lock:
            self.bodies.append(body)
            self.asked.append(kind)
        reply = json.dumps(self.answers[kind](system + user))
        used = {"prompt_tokens": len(body) // 4, "completion_tokens": len(reply) // 4, "total_tokens": len(body) // 4}
        message = {"role": "assistant", "content": reply, "refusal": None}
        choice = {"index": 0, "finish_reason": "stop", "logprobs": None, "message": message}
        return {
            "id": "chatcmpl-builder", "object": "chat.completion", "created": 1_700_000_000,
            "model": "recorded", "choices": [choice], "usage": used,
        }  # fmt: skip


@contextmanager
def served(model: BuilderModel) -> Iterator[BuilderModel]:
    """The model at `model.url`, for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = json.dumps(model.answer(body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *arguments: Any) -> None:
            """The requests are kept whole; a line for each on the screen would add nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(str(part.get("text", "")) for part in content)
