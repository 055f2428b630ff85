"""What the drivers of tests/bench share: programs that run beside them, and greffed among these."""
import contextlib
import pathlib
import re
import signal
import subprocess
import sys
import time


def say(text):
    print(f"-- {text}", file=sys.stderr, flush=True)


def run(*command, **more):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(str(c) for c in command)}: ended with {done.returncode}")
    return done.stdout


@contextlib.contextmanager
def process(command, ready, log, stop=signal.SIGTERM):
    """A program until the block ends; what it says goes to `log`. Gives what `ready` gave, and the child."""
    with open(log, "a") as out:
        child = subprocess.Popen([str(c) for c in command], stdout=out, stderr=out)
    try:
        while not (value := ready()):
            if child.poll() is not None:
                sys.exit(f"{command[0]} ended: {log.read_text()[-500:]}")
            time.sleep(0.02)
        yield value, child
        if child.poll() is not None:
            sys.exit(f"{command[0]} ended by itself with {child.returncode}: {log.read_text()[-500:]}")
    except BaseException:
        child.kill()
        child.wait()
        raise
    child.send_signal(stop)
    if child.wait() not in (0, -stop):  # etcd ends by the signal itself
        sys.exit(f"{command[0]}, told to stop, ended with {child.returncode}: {log.read_text()[-500:]}")


def port_in(path):
    path.unlink(missing_ok=True)
    return lambda: path.exists() and path.read_text().strip()


@contextlib.contextmanager
def greffed(bin_folder, scratch, name, *more):
    """A server on data of that name below `scratch`, which stay: its address, its data, and the child."""
    data, port = scratch / f"{name}.data", scratch / f"{name}.port"
    ready = port_in(port)
    with process([bin_folder / "greffed", "--data", data, "--listen", "127.0.0.1:0", "--port-file", port, "--log-level",
                  "warn", *more], ready, scratch / "log") as (number, child):
        yield f"127.0.0.1:{number}", data, child


def memory(child, what="VmRSS"):
    """MiB resident now; VmHWM: at most, since the start or forget_peak."""
    status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+)", status).group(1)) / 1024


def forget_peak(child):
    pathlib.Path(f"/proc/{child.pid}/clear_refs").write_text("5")


def size_of(path):
    return sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
