"""A Slurm of one node for a test: munged, slurmctld and slurmd with everything they write in a folder of their own.

    with Cluster(folder) as cluster:
        job = cluster.run("sbatch", "--parsable", "job.sh")
"""
import os
import shutil
import signal
import socket
import subprocess
import time

from harness import skip

PROGRAMS = {"munged": "munge", "slurmctld": "slurmctld", "slurmd": "slurmd", "sbatch": "slurm-client"}
CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SchedulerParameters=sched_interval=2,sched_min_interval=0,default_queue_depth=100
KillWait=10
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000
PartitionName=test Nodes={host} Default=YES MaxTime=INFINITE OverSubscribe=FORCE:8
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Cluster:
    def __init__(self, folder):
        if os.geteuid() != 0:
            skip("slurmd needs root")
        path = "/usr/local/sbin:/usr/sbin:/sbin:" + os.environ["PATH"]
        missing = sorted({package for program, package in PROGRAMS.items() if shutil.which(program, path=path) is None})
        if missing:
            skip(f"Slurm is not installed: scripts/setup.sh {' '.join(missing)}")
        self.folder = folder
        self.daemons = []
        self.environment = {**os.environ, "PATH": path, "SLURM_CONF": str(folder / "slurm.conf")}

    def __enter__(self):
        controller_port, node_port = free_ports(2)
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], folder=self.folder, controller_port=controller_port, node_port=node_port))
        (self.folder / "munge.key").write_bytes(os.urandom(128))
        (self.folder / "munge.key").chmod(0o600)
        try:
            # --force: its socket lies in a folder that others may not enter, which is what such a test wants.
            self.start("munged", "--foreground", "--force", *(f"--{what}-file={self.folder}/munge.{what}" for what in ("key", "log", "pid", "seed")),
                       f"--socket={self.folder}/munge.socket")
            self.wait_for("munged", (self.folder / "munge.socket").exists)
            self.start("slurmctld", "-D")
            self.start("slurmd", "-D")
            self.wait_for("the node", lambda: self.run("sinfo", "-h", "-o", "%T", check=False).strip() == "idle")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if len(self.daemons) == 3:
            self.run("scancel", "--signal=KILL", "--full", "--user=root", check=False)
            self.run("scancel", "--user=root", check=False)
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(daemon.pid, signal.SIGKILL)

    def start(self, *command):
        output = open(self.folder / f"{command[0]}.output", "w")
        self.daemons.append(subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                             start_new_session=True))

    def wait_for(self, what, happened, seconds=60):
        end = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > end:
                said = "".join(f"\n{path.name}: {path.read_text()[-800:]}" for path in self.folder.glob("*.output"))
                raise AssertionError(f"{what}: not after {seconds} s\n{self.run('squeue', check=False)}{said}")
            time.sleep(0.2)

    def run(self, *command, check=True, cwd=None):
        result = subprocess.run(command, env=self.environment, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        if check and result.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: exit {result.returncode}\n{result.stdout}{result.stderr}")
        return result.stdout

    def job(self, number):
        """What scontrol says of a job: JobState, RestartCount, ExitCode, ..."""
        words = self.run("scontrol", "--oneliner", "show", "job", str(number)).split()
        return dict(word.split("=", 1) for word in words if "=" in word)
