#!/usr/bin/python3
"""Saves the latest version of a document: fetch_latest.py PROJECT PATH [SERVER]

Needs Debian's python3-grpcio, protobuf-compiler and protobuf-compiler-grpc. Content above 1 MiB comes through
Contents.DownloadContent instead, which streams.
"""
import hashlib
import pathlib
import shutil
import subprocess
import sys

import grpc

root = pathlib.Path(__file__).resolve().parents[2]
stubs = root / "build" / "python"
stubs.mkdir(parents=True, exist_ok=True)
subprocess.run(["protoc", f"-I{root}/proto", f"--python_out={stubs}", f"--grpc_python_out={stubs}",
                f"--plugin=protoc-gen-grpc_python={shutil.which('grpc_python_plugin')}",
                *map(str, (root / "proto/greffe/v1").glob("*.proto"))], check=True)
sys.path.insert(0, str(stubs))
from greffe.v1 import contents_pb2, contents_pb2_grpc, documents_pb2, documents_pb2_grpc  # noqa: E402

project, path, server = (sys.argv[1:] + ["127.0.0.1:7433"])[:3]
# As `greffe` does: gRPC would have http_proxy, and with it the proxy of a browser, connect to the server.
with grpc.insecure_channel(server, options=[("grpc.enable_http_proxy", 0)]) as channel:
    document = documents_pb2_grpc.DocumentsStub(channel).LookupDocument(
        documents_pb2.LookupDocumentRequest(parent=f"projects/{project}", path=path), timeout=10)
    answer = contents_pb2_grpc.ContentsStub(channel).FetchContent(
        contents_pb2.FetchContentRequest(name=document.name), timeout=10)
if answer.content_omitted or hashlib.sha256(answer.content).hexdigest() != answer.file.sha256:
    sys.exit(f"{path}: too large for one answer, or damaged on its way")
pathlib.Path(pathlib.Path(answer.file.file_name).name).write_bytes(answer.content)
print(f"{answer.version.name} by {answer.version.author.display_name}: {answer.file.size} bytes")
