"""How a script gives way to the product and to everything else on this machine; how much it may use is in `types`.

The kernel weighs a process against those of its own group, and groups against each other. In a container or a service
all are one group, and the process's own niceness counts. Elsewhere each session may be a group, with a niceness of its
own: without it two scripts are weighed as much as the whole product. A script is weighed a tenth of anything else by
either, and by its control group where it has one (`cgroups`). It can neither raise itself nor open another session: see
the limits in `jail`, and `seccomp`. Where nobody else wants the processors it has all of them.
"""

import os
from pathlib import Path

NICE = 10
"""Not the last place, 19: on a busy machine a script would get next to nothing and run into its time limit."""
WEIGHT = 110
"""What the kernel makes of that niceness, where everything else is 1024."""


def lower_session(first: int) -> bool:
    """Make the session that this process opens as nice as the script; False when that is to be tried again later.

    A kernel that does not weigh sessions, or forbids this, is not asked again: the script's own niceness counts.
    """
    try:
        if os.getsid(first) != first:  # bubblewrap opens the session only after it was told to go on
            return False
        Path(f"/proc/{first}/autogroup").write_text(str(NICE))
    except BlockingIOError:  # all ordinary users together are granted ten such changes a second
        return False
    except OSError:
        pass
    return True
