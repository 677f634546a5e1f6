"""The page around the script is asked to send something, with its cookies."""

# expect: held
try:
    import js
except ImportError:
    print("no browser here")
else:
    for attempt in ("fetch", "XMLHttpRequest", "WebSocket", "EventSource", "importScripts", "WebTransport"):
        try:
            made = getattr(js, attempt)
            got = made("/api/session") if attempt in ("fetch", "importScripts") else made.new("ws://127.0.0.1:1/")
            print("asked", attempt, type(got).__name__)
        except BaseException as error:
            print(attempt, type(error).__name__)
    for name in ("document", "parent", "localStorage", "indexedDB", "caches"):
        try:
            print("seen" if getattr(js, name) is None else "there", name)
        except BaseException as error:
            print(name, type(error).__name__)
    try:
        if str(js.document.cookie):
            print("ESCAPED cookies")
    except BaseException as error:
        print(type(error).__name__)

open("/output/ended.txt", "w").write("ended")
