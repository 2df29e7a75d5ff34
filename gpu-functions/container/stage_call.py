"""A stage server beside this process, and one run on it: what a function on Modal does with an input."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request

STOP_S = 28
POLL_S = 30


class StageServer:
    """A stage server as a child process; it ends with `stop`, which leaves time for checkpoints."""

    def __init__(self, command, url):
        self.url = url
        self.process = subprocess.Popen(command)

    def wait_until_ready(self, seconds=1800):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the stage server ended with {self.process.returncode}: see its log")
            try:
                _, health = self._request("GET", "/health")
                if health["status"] == "SETUP_FAILED":
                    raise RuntimeError(f"the stage server could not start: {health['message']}")
                if health["status"] != "STARTING":
                    return
            except urllib.error.URLError:
                pass
            time.sleep(0.2)
        raise RuntimeError(f"the stage server was not ready within {seconds} s")

    def run(self, payload):
        """Works on `{key, body}` until the run is over. However this ends early, the run is given up."""
        path = f"/runs/{payload['key']}"
        while True:
            status, run = self._request("PUT", path, payload["body"])
            if status < 300:
                break
            if run["code"] not in ("server_full", "not_ready"):
                return {"refused": f"{run['code']}: {run['detail']}"}
            # The run before may still be on its way to the end of its step.
            time.sleep(0.5)
        try:
            while run["status"] in ("queued", "running"):
                if self.process.poll() is not None:
                    raise RuntimeError(f"the stage server ended with {self.process.returncode}: see its log")
                status, run = self._request("GET", f"{path}?wait={POLL_S}")
                if status >= 300:
                    raise RuntimeError(f"the run was lost: {run['detail']}")
            return run
        except BaseException:
            if self.process.poll() is None:
                self._request("DELETE", path)
            raise

    def stop(self):
        """Asks the server to stop, which uploads checkpoints, and kills it where it does not. Its exit status."""
        self.process.terminate()
        try:
            return self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def _request(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "authorization": f"Bearer {os.environ['STAGE_SERVER_TOKEN']}",
                "content-type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=POLL_S + 30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
