"""Messages of a wrong shape."""

# expect: held
import _spadework_page

for each in (None, {}, [], object(), float("nan"), 10**400, "x", b"x"):
    for act in (_spadework_page.progress, _spadework_page.log):
        try:
            act(each)
        except BaseException as error:
            print(type(error).__name__)

open("/output/ended.txt", "w").write("ended")
