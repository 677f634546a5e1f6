"""Every way to a browser's network that Python has a module for."""

# expect: held
import contextlib

outside, address = inputs["outside"], inputs["address"]
urls = [f"http://127.0.0.1:{outside}/?secret", f"{address}/escaped?secret", "/escaped?secret"]


def tried(name, act):
    try:
        print(name, type(act()).__name__)
    except BaseException as error:
        print(name, "refused", type(error).__name__)


def urllib_get(url):
    import urllib.request

    return urllib.request.urlopen(url, timeout=2).read()


def pyodide_open(url):
    from pyodide.http import open_url

    return open_url(url)


def pyodide_fetch(url):
    import asyncio

    from pyodide.http import pyfetch

    return asyncio.get_event_loop().run_until_complete(pyfetch(url))


def js_fetch(url):
    import js

    return js.fetch(url)


def js_request(url):
    import js

    request = js.XMLHttpRequest.new()
    request.open("GET", url, False)
    return request.send()


def socket_to(url):
    import socket

    with contextlib.closing(socket.create_connection(("127.0.0.1", int(outside)), 2)) as connection:
        return connection.send(b"secret")


def package(url):
    import pyodide_js

    return pyodide_js.loadPackage(url)


for url in urls:
    for each in (urllib_get, pyodide_open, pyodide_fetch, js_fetch, js_request, socket_to, package):
        tried(each.__name__, lambda each=each, url=url: each(url))

open("/output/ended.txt", "w").write("ended")
