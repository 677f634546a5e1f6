"""The parts of the walls that can be looked at without a script: the filter of calls, control groups, packages."""

import errno
import struct
from pathlib import Path

import pytest

from spadework.sandbox import cgroups, packages, seccomp
from spadework.sandbox.types import NotOffered, SandboxUnavailable

X86_64, ARM64 = 0xC000003E, 0xC00000B7
ALLOWED, KILLED = 0x7FFF0000, 0x80000000
NOT_PERMITTED, ABSENT = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS


def judge(machine: str, architecture: int, number: int, *arguments: int) -> int:
    """What the kernel would do with a call, by the rules of classic BPF."""
    program = seccomp.program(machine)
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    call = struct.pack("=IIQ6Q", number, architecture, 0, *(*arguments, *[0] * 6)[:6])
    at = loaded = 0
    while True:
        code, yes, no, operand = steps[at]
        at += 1
        if code == 0x20:
            (loaded,) = struct.unpack_from("=I", call, operand)
        elif code == 0x06:
            return operand
        else:
            holds = {0x15: loaded == operand, 0x35: loaded >= operand, 0x45: bool(loaded & operand)}[code]
            at += yes if holds else no


@pytest.mark.parametrize(
    ("number", "arguments", "verdict"),
    [
        (0, (), ALLOWED),  # read
        (257, (), ALLOWED),  # openat
        (57, (), ALLOWED),  # fork
        (56, (0x003D0F00,), ALLOWED),  # clone, as a thread
        (56, (0x10000011,), NOT_PERMITTED),  # clone into a new user namespace
        (56, (0x00020011,), NOT_PERMITTED),  # clone into a new mount namespace
        (435, (), ABSENT),  # clone3
        (16, (0, 0x5401), ALLOWED),  # ioctl TCGETS
        (16, (0, 0x5412), NOT_PERMITTED),  # ioctl TIOCSTI
        (16, (0, 0xFFFFFFFF_00005412), NOT_PERMITTED),  # of which the kernel takes the lower half
        (41, (2,), NOT_PERMITTED),  # socket
        (101, (), NOT_PERMITTED),  # ptrace
        (112, (), NOT_PERMITTED),  # setsid
        (165, (), NOT_PERMITTED),  # mount
        (272, (), NOT_PERMITTED),  # unshare
        (304, (), NOT_PERMITTED),  # open_by_handle_at
        (425, (), NOT_PERMITTED),  # io_uring_setup
        (0x40000000, (), KILLED),  # read in the x32 numbering
    ],
)
def test_the_filter_of_calls_on_x86_64(number: int, arguments: tuple[int, ...], verdict: int) -> None:
    assert judge("x86_64", X86_64, number, *arguments) == verdict


@pytest.mark.parametrize(
    ("number", "arguments", "verdict"),
    [
        (63, (), ALLOWED),  # read
        (220, (0x003D0F00,), ALLOWED),  # clone, as a thread
        (220, (0x10000011,), NOT_PERMITTED),
        (198, (), NOT_PERMITTED),  # socket
        (117, (), NOT_PERMITTED),  # ptrace
        (157, (), NOT_PERMITTED),  # setsid
        (97, (), NOT_PERMITTED),  # unshare
        (29, (0, 0x5412), NOT_PERMITTED),  # ioctl TIOCSTI
        (279, (), ABSENT),  # memfd_create
    ],
)
def test_the_filter_of_calls_on_64_bit_arm(number: int, arguments: tuple[int, ...], verdict: int) -> None:
    assert judge("aarch64", ARM64, number, *arguments) == verdict


def test_calls_of_another_architecture_end_the_script() -> None:
    assert judge("x86_64", 0x40000003, 0) == KILLED
    assert judge("aarch64", X86_64, 0) == KILLED


def test_a_machine_of_another_kind_has_no_sandbox() -> None:
    with pytest.raises(SandboxUnavailable, match="this machine is riscv64"):
        seccomp.program("riscv64")


def test_a_group_of_version_2_gets_its_limits_and_goes_when_it_is_empty(tmp_path: Path) -> None:
    root = tmp_path / "cgroup"
    root.mkdir()
    (root / "cgroup.subtree_control").write_text("cpu memory pids\n")
    group = cgroups.make(1 << 20, 7, mounts=mounted(tmp_path, f"cgroup2 cgroup rw {root}"))
    assert group is not None
    (folder,) = group.folders
    assert folder.parent == root
    assert (folder / "memory.max").read_text() == str(1 << 20)
    assert (folder / "pids.max").read_text() == "7"
    assert not group.ran_out_of_memory()
    (folder / "memory.events").write_text("low 0\nhigh 0\noom 1\noom_kill 1\n")
    assert group.ran_out_of_memory()
    group.add(4711)
    assert (folder / "cgroup.procs").read_text() == "4711"


def test_where_memory_is_not_handed_down_there_is_no_group(tmp_path: Path) -> None:
    root = tmp_path / "cgroup"
    root.mkdir()
    (root / "cgroup.subtree_control").write_text("cpu pids\n")
    assert cgroups.make(1 << 20, 7, mounts=mounted(tmp_path, f"cgroup2 cgroup rw {root}")) is None
    assert cgroups.make(1 << 20, 7, mounts=mounted(tmp_path, f"cgroup cgroup rw,memory {tmp_path}/nowhere")) is None


def mounted(folder: Path, line: str) -> Path:
    """A table of mounts with one line: kind, source, options, place."""
    kind, source, options, place = line.split(" ")
    path = folder / "mountinfo"
    path.write_text(f"25 1 0:22 / {place} rw,nosuid - {kind} {source} {options}\n")
    return path


def test_a_script_finds_what_it_may_import_and_nothing_of_ours() -> None:
    found = packages.folders()
    assert {"openpyxl", "et_xmlfile", "python_calamine", "polars", "pandas", "numpy", "dateutil"} <= set(found)
    assert not [name for name in found if "spadework" in name or name in ("asyncpg", "bin", "..")]


@pytest.mark.parametrize("stated", ["polars", "python_calamine", "python-calamine", "OpenPyXL", "dateutil"])
def test_an_offered_package_may_be_named_as_people_name_it(stated: str) -> None:
    packages.require((stated,))


def test_an_offered_package_that_is_not_installed_is_named_with_how_to_get_it() -> None:
    with pytest.raises(NotOffered, match=r"needs 'xlsxwriter', which is not installed.*spadework\[local\]"):
        packages.require(("xlsxwriter",))
