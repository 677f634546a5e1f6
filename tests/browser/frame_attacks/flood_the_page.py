"""Messages to the page, as many and as large as there is room for."""

# expect: stopped
import _spadework_page

while True:
    _spadework_page.log("x" * 100_000)
    _spadework_page.progress(0.5)
