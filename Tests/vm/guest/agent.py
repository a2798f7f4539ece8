#!/usr/bin/python3
"""Runs commands for the test that started this guest, which asks and is answered over a virtio port, a JSON object a line.

{"id", "run": [word…], "input", "env"}  starts a command. What it prints comes line by line, as soon as it is printed:
    {"id", "out"}, {"id", "err"}; its end is {"id", "code"}.
{"id", "put": path, "mode", "content"}  writes a file; content is base64. Answered by {"id", "code": 0}.
"""

import base64
import json
import os
import subprocess
import sys
import threading

PORTS = "/sys/class/virtio-ports"


class Agent:
    def __init__(self, port):
        self.port = port
        self.lock = threading.Lock()

    def say(self, **message):
        line = json.dumps(message).encode() + b"\n"
        with self.lock:
            while line:
                line = line[os.write(self.port, line):]

    def forward(self, stream, number, word):
        for line in stream:
            self.say(id=number, **{word: line.decode("utf-8", "surrogateescape")})

    def run(self, number, words, text, environment):
        try:
            process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/",
                env={**os.environ, **environment})
        except OSError as error:
            self.say(id=number, err=f"{error}\n")
            self.say(id=number, code=127)
            return
        ends = [
            threading.Thread(target=self.forward, args=(process.stdout, number, "out")),
            threading.Thread(target=self.forward, args=(process.stderr, number, "err")),
        ]
        for end in ends:
            end.start()
        try:
            process.stdin.write(text.encode("utf-8", "surrogateescape"))
            process.stdin.close()
        except BrokenPipeError:
            pass
        for end in ends:
            end.join()
        self.say(id=number, code=process.wait())

    def put(self, number, path, mode, content):
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(base64.b64decode(content))
            os.chmod(path, mode)
            self.say(id=number, code=0)
        except OSError as error:
            self.say(id=number, err=f"{error}\n")
            self.say(id=number, code=1)

    def serve(self):
        self.say(ready=True)
        unread = b""
        while True:
            # Nothing to read: nobody has the other end.
            unread += os.read(self.port, 65536)
            *lines, unread = unread.split(b"\n")
            for line in lines:
                request = json.loads(line)
                if "put" in request:
                    self.put(request["id"], request["put"], request["mode"], request["content"])
                    continue
                arguments = (request["id"], request["run"], request.get("input", ""), request.get("env", {}))
                threading.Thread(target=self.run, args=arguments, daemon=True).start()


def port():
    for name in os.listdir(PORTS):
        with open(f"{PORTS}/{name}/name") as file:
            if file.read().strip() == "bobbin.agent":
                return os.open(f"/dev/{name}", os.O_RDWR)
    raise OSError("no virtio port is named bobbin.agent")


if __name__ == "__main__":
    try:
        Agent(port()).serve()
    except OSError as error:
        sys.exit(f"agent: {error}")
