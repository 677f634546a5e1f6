"""The system calls a script may not make, as a program for the kernel (seccomp, classic BPF); it needs no C library.

What a script of ours needs (files, memory, threads, time) is allowed; what reaches the kernel's rarely used
corners, other processes, other namespaces or any socket is not. Numbers: arch/x86/entry/syscalls/syscall_64.tbl
and include/uapi/asm-generic/unistd.h of Linux 6.12.
"""

import errno
import platform
import struct

from spadework.sandbox.types import SandboxUnavailable

# name: (x86_64, aarch64); None where the architecture has no such call.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # namespaces, mounts, other roots
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
    # a session of its own, which the kernel would weigh as much as the product
    "setsid": (112, 157),
    # the kernel itself
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None), "personality": (135, 92),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "syslog": (103, 116),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "fanotify_init": (300, 262), "lookup_dcookie": (212, 18),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "sethostname": (170, 161), "setdomainname": (171, 162), "vhangup": (153, 58),
    # keys, and files by handle
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # sockets of every family
    "socket": (41, 198), "socketpair": (53, 199),
    # memory that belongs to no process and no folder, so that nothing would count it
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    "memfd_secret": (447, 447),
}  # fmt: skip
# These callers try another way when a call does not exist.
_ABSENT: dict[str, tuple[int, int]] = {"clone3": (435, 435), "memfd_create": (319, 279)}
_CLONE = (56, 220)
_IOCTL = (16, 29)
_AUDIT_ARCHITECTURE = (0xC000003E, 0xC00000B7)
_MACHINES = {"x86_64": 0, "amd64": 0, "aarch64": 1, "arm64": 1}

_X32 = 0x40000000
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_NEW_NAMESPACES = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
_TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI and TIOCLINUX type into the terminal that started us

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16


def program(machine: str | None = None) -> bytes:
    """The filter for this machine, as `struct sock_filter[]`.

    Raises:
        SandboxUnavailable: the machine is neither x86-64 nor 64-bit ARM.
    """
    name = (machine or platform.machine()).lower()
    if name not in _MACHINES:
        raise SandboxUnavailable(
            f"The local sandbox knows x86-64 and 64-bit ARM; this machine is {name}. Run the workflow in the browser."
        )
    column = _MACHINES[name]
    steps = [
        _step(_LOAD, _ARCHITECTURE_AT),
        _step(_JUMP_EQUAL, _AUDIT_ARCHITECTURE[column], yes=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER_AT),
    ]
    if column == 0:
        steps += [_step(_JUMP_AT_LEAST, _X32, no=1), _step(_RETURN, _KILL)]
    for refused in _REFUSED.values():
        if (number := refused[column]) is not None:
            steps += _refuse(number, errno.EPERM)
    for absent in _ABSENT.values():
        steps += _refuse(absent[column], errno.ENOSYS)
    steps += [
        _step(_JUMP_EQUAL, _CLONE[column], no=4),
        _step(_LOAD, _ARGUMENTS_AT),
        _step(_JUMP_ANY_BIT, _NEW_NAMESPACES, no=1),
        _step(_RETURN, _ERROR | errno.EPERM),
        _step(_RETURN, _ALLOW),
        _step(_JUMP_EQUAL, _IOCTL[column], no=4),
        _step(_LOAD, _ARGUMENTS_AT + 8),
        _step(_JUMP_EQUAL, _TERMINAL_INPUT[0], yes=1),
        _step(_JUMP_EQUAL, _TERMINAL_INPUT[1], no=1),
        _step(_RETURN, _ERROR | errno.EPERM),
        _step(_RETURN, _ALLOW),
    ]
    return b"".join(steps)


def _refuse(number: int, error: int) -> list[bytes]:
    return [_step(_JUMP_EQUAL, number, no=1), _step(_RETURN, _ERROR | error)]


def _step(code: int, operand: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, operand)
