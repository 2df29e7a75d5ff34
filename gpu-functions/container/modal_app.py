"""The service's GPU side on Modal: a class a stage, as gpu-functions.json says, and the gateway. `modal deploy modal_app.py`."""

import json
import os
import pathlib
import subprocess

import modal

from stage_call import StageServer

HERE = pathlib.Path(__file__).parent
TABLE = json.loads((HERE / "gpu-functions.json").read_text())
PROFILE = os.environ.get("PORTRAIT_PROFILE", "mini")
WEIGHTS = os.environ.get("PORTRAIT_WEIGHTS", "")

app = modal.App("portrait3d")
image = (
    modal.Image.from_dockerfile(HERE / "Dockerfile", context_dir=HERE, add_python="3.12")
    .entrypoint([])
    .env({"PORTRAIT_PROFILE": PROFILE, "PORTRAIT_WEIGHTS": WEIGHTS})
    .add_local_file(HERE / "gpu-functions.json", "/root/gpu-functions.json")
    .add_local_python_source("stage_call")
)
volumes = {"/weights": modal.Volume.from_name("portrait3d-weights", create_if_missing=True)}
# STAGE_SERVER_TOKEN; the gateway's has MODAL_TOKEN_ID and MODAL_TOKEN_SECRET too.
stage_secret = modal.Secret.from_name("portrait3d-stages")
gateway_secret = modal.Secret.from_name("portrait3d-gateway")


def command(program, *arguments):
    weights = ["--weights", WEIGHTS] if WEIGHTS else []
    return ["node", f"/app/gpu-functions/server/{program}.js", "--profile", PROFILE, *weights, *arguments]


def stage(name):
    row = TABLE[name]
    return app.cls(
        image=image,
        gpu=row["gpu"],
        cpu=row["cpu"],
        memory=row["memory_mib"],
        timeout=row["timeout_s"],
        max_containers=row["max_containers"],
        scaledown_window=row["idle_s"],
        volumes=volumes,
        secrets=[stage_secret],
    )


class Stage:
    @modal.enter()
    def start(self):
        options = ["--port", "8790", "--state", "/tmp/state", "--provider", "cuda", "--grace-s", "25"]
        self.server = StageServer(command("main", *options), "http://127.0.0.1:8790")
        self.server.wait_until_ready()

    @modal.method()
    def run(self, payload):
        return self.server.run(payload)

    @modal.exit()
    def stop(self):
        self.server.stop()


@stage("imagine")
class Imagine(Stage):
    pass


@stage("invert")
class Invert(Stage):
    pass


@stage("distill")
class Distill(Stage):
    pass


@stage("refine")
class Refine(Stage):
    pass


@stage("render")
class Render(Stage):
    pass


@app.function(
    image=image,
    min_containers=1,
    max_containers=1,
    timeout=86400,
    volumes={**volumes, "/state": modal.Volume.from_name("portrait3d-gateway", create_if_missing=True)},
    secrets=[gateway_secret],
)
@modal.concurrent(max_inputs=1000)
@modal.web_server(8790, startup_timeout=60)
def gateway():
    subprocess.Popen(command("gateway", "--host", "0.0.0.0", "--port", "8790", "--state", "/state", "--app", app.name))
