"""Names are reached through the text and the frames of exceptions."""


# expect: stopped
class Shown(Exception):
    def __str__(self):
        frame = self.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        reached = frame.tb_frame if frame else None
        while reached is not None:
            for name, value in reached.f_globals.items():
                if "secret" in name.lower() or (inputs.get("canary") and inputs["canary"] in str(value)[:1000]):
                    print("ESCAPED", name, value)
            reached = reached.f_back
        raise RuntimeError("{0.__class__.__init__.__globals__}".format(self))


raise Shown()
