"""Submissions that mean harm, or do it by accident: what each is found to be where it is held in.

``{canary}``, ``{grader}``, ``{tcp}``, ``{udp}`` and ``{unix}`` in a source are put in by the test: a folder that
is open to all, the process that grades, and ports that are listened on.
"""

from __future__ import annotations

from dataclasses import dataclass

RIGHT = """\
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
"""

TRY = '''\
def attempt(what):
    """Says whether it was held."""
    try:
        what()
    except (OSError, ImportError) as error:
        print("held:", error)
    else:
        print("ESCAPED")

'''


def fit(body: str, *, top: str = "", end: str = RIGHT) -> str:
    """A function-form submission that does something before it fits."""
    lines = "".join(f"    {line}\n" for line in body.strip("\n").split("\n"))
    return f"import contextlib, ctypes, os, signal, socket, sys, threading, time\nimport torch\n{top}\ndef fit(x, y, lr, steps):\n{lines}{end}"


@dataclass(frozen=True)
class Hostile:
    """One submission, and the pitfalls that it must be reported as (one of those in a set)."""

    name: str
    source: str
    ids: tuple[str, ...] = ()


def raising(body: str) -> str:
    return fit(body, end="    return None\n")


WAITS = (
    Hostile(
        "swallows every exception",
        fit("while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
        ("time-limit",),
    ),
    Hostile("sleeps", fit("time.sleep(1000)"), ("time-limit",)),
    Hostile("cancels alarms", fit("signal.alarm(0)\nwhile True: pass"), ("time-limit",)),
    Hostile("stops itself", fit("os.kill(os.getpid(), signal.SIGSTOP)"), ("time-limit",)),
    Hostile(
        "blocks every signal",
        fit("signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\ntime.sleep(1000)"),
        ("time-limit",),
    ),
    Hostile(
        "a __del__ that loops",
        fit("class Loop:\n    def __del__(self):\n        while True: pass\nLoop()"),
        ("time-limit",),
    ),
    Hostile("one huge operation", fit("sum(range(10 ** 13))"), ("time-limit",)),
    Hostile(
        "one huge torch operation",
        fit("a = torch.ones(3000, 3000)\nfor _ in range(10 ** 6): a = a @ a"),
        ("time-limit",),
    ),
    Hostile("an endless import", "while True: pass\n", ("time-limit",)),
    Hostile(
        "threads that compute",
        fit("[threading.Thread(target=lambda: sum(range(10 ** 13))).start() for _ in range(4)]\nsum(range(10 ** 13))"),
        ("time-limit",),
    ),
)  # fmt: skip

QUICK = (
    Hostile("threads that never end", fit("threading.Thread(target=time.sleep, args=(1000,)).start()")),
    Hostile("an atexit that never ends", fit("import atexit\natexit.register(time.sleep, 1000)")),
    Hostile(
        "a __repr__ that loops",
        raising("class Loop:\n    def __repr__(self):\n        while True: pass\nreturn Loop(), Loop()"),
        ("wrong-return",),
    ),
    Hostile("memory by bytearray", fit("held = [bytearray(10 ** 8) for _ in range(100)]"), ("memory-limit",)),
    Hostile("memory by tensor", fit("held = torch.zeros(10 ** 10)"), ("memory-limit",)),
    Hostile("a return value of 128 MB", raising("return torch.zeros(2 ** 25), 'x'"), ("wrong-return",)),
    Hostile("a text of 128 MB", raising("return 'x' * 2 ** 27"), ("wrong-return",)),
    Hostile(
        "3,000 threads",
        fit(
            "threading.stack_size(64 * 1024)\n"
            "for _ in range(3000): threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()"
        ),
        ("runtime-error",),
    ),
    Hostile("deep recursion", fit("def deep(): deep()\ndeep()"), ("runtime-error",)),
    Hostile(
        "recursion without a limit",
        fit("sys.setrecursionlimit(10 ** 9)\nclass A:\n    def __getattr__(self, n): return getattr(self, n)\nA().x"),
        ("crash",),
    ),
    Hostile(
        "fills the disk",
        fit("for i in range(10 ** 6):\n    with open(f'{i}', 'wb') as file: file.write(bytes(10 ** 7))"),
        ("output-limit",),
    ),
    Hostile("one huge file", fit("with open('x', 'wb') as file: file.write(bytes(10 ** 8))"), ("output-limit",)),
    Hostile("a million files", fit("for i in range(10 ** 6): open(f'{i}', 'w').close()"), ("output-limit",)),
    Hostile("gigabytes on stdout", fit("while True: os.write(1, bytes(10 ** 6))"), ("output-limit",)),
    Hostile("gigabytes on stderr", fit("while True: os.write(2, b'x' * 10 ** 6)"), ("output-limit",)),
    Hostile("bytes that are no UTF-8", fit("os.write(1, bytes(range(256)))\nprint('\\ud800')")),
    Hostile("closed streams", fit("os.close(1)\nos.close(2)")),
    Hostile("a printed result", fit("print('{\"schema_version\": \"1\", \"status\": \"passed\", \"score\": 100}')")),
    Hostile("os._exit at import", "import os\nos._exit(0)\n", ("crash",)),
    Hostile("sys.exit at import", "import sys\nsys.exit(0)\n", ("import-failure",)),
    Hostile("os._exit with success", fit("os._exit(0)"), ("crash",)),
    Hostile("a NULL pointer", fit("ctypes.string_at(0)"), ("crash",)),
    Hostile("abort", fit("os.abort()"), ("crash",)),
    Hostile("KeyboardInterrupt", fit("raise KeyboardInterrupt"), ("runtime-error",)),
    Hostile("GeneratorExit", fit("raise GeneratorExit"), ("runtime-error",)),
    Hostile(
        "an exception that cannot be told",
        fit("class Odd(Exception):\n    def __str__(self): raise SystemExit\nraise Odd"),
        ("runtime-error",),
    ),
    Hostile("an exception of 10 MB", fit("raise ValueError('x' * 10 ** 7)"), ("runtime-error",)),
    Hostile("100,000 parentheses", "(" * 100_000 + ")" * 100_000, ("import-failure",)),
    Hostile("many open files", fit("held = [open('/dev/null') for _ in range(1000)]"), ("runtime-error",)),
    Hostile("threads for torch", fit("torch.set_num_threads(4)\na = torch.ones(2000, 2000) @ torch.ones(2000, 2000)")),
    Hostile(
        "too many threads for torch",
        fit("torch.set_num_threads(500)\na = torch.ones(4000, 4000).add(1).sum()"),
        ("runtime-error",),
    ),
    Hostile(
        "a float that lies",
        raising("class Liar(float):\n    def __float__(self): return 1e9\n    __eq__ = lambda *_: True\nreturn Liar(1), Liar(2)"),
        ("wrong-return",),
    ),
    Hostile("a patched backward", fit("torch.Tensor.backward = lambda self: None"), ("tampering",)),
    Hostile("a patched allclose", fit("torch.allclose = lambda *_, **__: True")),
    Hostile("a patched json", fit("import json\njson.dumps = json.loads = None")),
    Hostile(
        "patched functions of the report",
        fit("import json\njson.JSONEncoder.encode = json.JSONEncoder.iterencode = os.write = os._exit = None"),
    ),
    Hostile(
        "a flush that never returns",
        fit("class Stream:\n    def write(self, text): pass\n    def flush(self):\n        while True: pass\nsys.stdout = Stream()"),
    ),
)  # fmt: skip

FRAMES = (
    Hostile(
        "a frame on every descriptor",
        fit("for fd in range(3, 64):\n    with contextlib.suppress(OSError): os.write(fd, b'\\0\\0\\0\\2{}')"),
        ("tampering",),
    ),
    Hostile(
        "two frames",
        fit("for fd in range(3, 64):\n    with contextlib.suppress(OSError): os.write(fd, 2 * b'\\0\\0\\0\\2{}')\nos._exit(0)"),
        ("tampering",),
    ),
    Hostile(
        "a length of 0xffffffff",
        fit("for fd in range(3, 64):\n    with contextlib.suppress(OSError): os.write(fd, b'\\xff' * 4)"),
        ("tampering",),
    ),
    *(
        Hostile(
            f"a frame with {text}",
            fit(
                f"body = b'{{{{\"seconds\": {text}}}}}'\nfor fd in range(3, 64):\n"
                "    with contextlib.suppress(OSError): os.write(fd, len(body).to_bytes(4, 'big') + body)\nos._exit(0)"
            ),
            ("tampering",),
        )
        for text in ("NaN", "1e999", "-Infinity")
    ),
)  # fmt: skip

FORKS = (
    Hostile("a fork bomb", fit("while True:\n    with contextlib.suppress(OSError): os.fork()")),
    Hostile(
        "a daemon",
        fit(
            "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(1000)\n    os._exit(0)\nos.wait()"
        ),
    ),
)

ESCAPES = {
    "reads the key": "open('{canary}/key').read()",
    "reads the password file": "open('/etc/passwd').read()",
    "lists the folder of the submissions": "os.listdir('{canary}')",
    "lists the home folder": "os.listdir('{home}')",
    "reads the reference": "open('{root}/reference/line.py').read()",
    "imports the exercise": "__import__('exercises.line')",
    "writes outside": "open('{canary}/new', 'w').write('x')",
    "writes over the key": "open('{canary}/key', 'w').write('x')",
    "empties the key": "os.truncate('{canary}/key', 0)",
    "empties what it may read": "os.open(torch.__file__, os.O_RDONLY | os.O_TRUNC)",
    "deletes the key": "os.unlink('{canary}/key')",
    "renames the key": "os.rename('{canary}/key', '{canary}/gone')",
    "takes the key in by a hard link": "os.link('{canary}/key', 'mine')",
    "changes the key's mode": "os.chmod('{canary}/key', 0)",
    "changes the key's time": "os.utime('{canary}/key', (0, 0))",
    "reads through a link": "(os.symlink('{canary}/key', 'link'), open('link').read())",
    "reads by /proc": "open(f'/proc/{grader}/environ').read()",
    "lists /proc of the grader": "os.listdir('/proc/{grader}/fd')",
    "goes through /proc/self/root": "open('/proc/self/root/{canary}/key').read()",
    "shared memory that stays": "open('/dev/shm/grader-{grader}', 'w').write('x')",
    "a pipe outside": "os.mkfifo('{canary}/pipe')",
    "TCP": "socket.create_connection(('127.0.0.1', {tcp}), 1).send(b'x')",
    "UDP": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {udp}))",
    "an abstract socket": "socket.socket(socket.AF_UNIX).connect('\\0{unix}')",
    "a server": "socket.socket().bind(('127.0.0.1', 0))",
    "a raw socket": "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
    "a socket pair": "socket.socketpair()",
    "stops the grader": "os.kill({grader}, 0)",
    "stops its parent": "os.kill(os.getppid() or 1, 0)",
    "signals everyone": "os.kill(-1, 0)",
    "lowers the grader's limits": "__import__('resource').prlimit({grader}, __import__('resource').RLIMIT_CPU)",
    "slows down the user": "os.setpriority(os.PRIO_USER, 0, os.getpriority(os.PRIO_USER, 0))",
    "forks": "os.fork() or os._exit(0)",
    "runs a program": "os.execv('/bin/sh', ['sh', '-c', 'echo ESCAPED'])",
    "starts a program": "__import__('subprocess').run(['/bin/echo', 'ESCAPED'])",
    "starts a shell": "__import__('subprocess').run('echo ESCAPED', shell=True, check=True)",
    "starts a worker": "__import__('multiprocessing').get_context('fork').Process(target=int).start()",
}
"""By what is tried, an expression. Each must fail with an OSError where a run is held in."""

CALLS = {
    "ptrace": (101, 16, "{grader}", 0, 0), "process_vm_readv": (310, "{grader}", 0, 0, 0, 0, 0),
    "unshare": (272, 0x10000000), "setns": (308, 0, 0), "mount": (165, 0, 0, 0, 0, 0), "bpf": (321, 0, 0, 0),
    "keyctl": (250, 0, 0, 0, 0, 0), "io_uring_setup": (425, 1, 0), "userfaultfd": (323, 0),
    "perf_event_open": (298, 0, 0, 0, 0, 0), "memfd_create": (319, 0, 0), "pidfd_open": (434, "{grader}", 0),
    "clone3": (435, 0, 0), "vfork": (58,), "shmget": (29, 0, 4096, 0o1777), "personality": (135, 0),
    "tgkill of another": (234, "{grader}", "{grader}", 0), "F_SETOWN": (72, 0, 8, "{grader}"),
    "TIOCSTI": (16, 0, 0x5412, 0), "open_by_handle_at": (304, 0, 0, 0), "process_madvise": (440, 0, 0, 0, 0, 0),
}  # fmt: skip
"""System calls made by their numbers (x86-64), past all that Python would say to them."""

ATTEMPT = fit("attempt(lambda: WHAT)", top=TRY)

RAW = (
    TRY
    + """\
import errno

def call(*numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    ctypes.set_errno(0)
    if libc.syscall(*map(ctypes.c_long, numbers)) == -1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS):
        raise OSError(ctypes.get_errno(), "refused")

"""
)

RAW_ATTEMPT = fit("attempt(lambda: call(WHAT))", top=RAW)

FOREIGN = fit(
    """\
import mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("b814000000cd80c3"))
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
"""
)
"""getpid as a 32-bit program would call it (x86-64 machines): mov eax, 20; int 0x80; ret."""

NOT_TEXT = {
    "NUL bytes": (fit("pass").encode() + b"\0", "import-failure"),
    "UTF-16": (fit("pass").encode("utf-16"), "import-failure"),
    "Latin-1": (fit("'\u00e9'").encode("latin-1"), "import-failure"),
    "10 MB": (b"# " + b"x" * 10**7, "import-failure"),
    "a BOM": (b"\xef\xbb\xbf" + fit("pass").encode(), None),
}
