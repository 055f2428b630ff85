#!/usr/bin/env node
// Saves the latest version of a document: fetch_latest.js PROJECT PATH [SERVER]
// Needs Node 18 or newer and, once, `npm ci` in this folder. Content above 1 MiB comes through
// Contents.DownloadContent instead, which streams.
const crypto = require('crypto');
const fs = require('fs');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [project, path, server = '127.0.0.1:7433'] = process.argv.slice(2);
const protos = ['greffe/v1/documents.proto', 'greffe/v1/contents.proto'];
const {greffe} = grpc.loadPackageDefinition(loader.loadSync(protos, {
  includeDirs: [`${__dirname}/../../proto`], keepCase: true, longs: Number, defaults: true,
}));
const call = (Service, method, request) => new Promise((resolve, reject) => {
  // As `greffe` does: gRPC would have http_proxy, and with it the proxy of a browser, connect to the server.
  const client = new Service(server, grpc.credentials.createInsecure(), {'grpc.enable_http_proxy': 0});
  client[method](request, {deadline: Date.now() + 10000}, (error, answer) => {
    client.close();
    return error ? reject(error) : resolve(answer);
  });
});

(async () => {
  const document = await call(greffe.v1.Documents, 'LookupDocument', {parent: `projects/${project}`, path});
  const {content, content_omitted: omitted, file, version} =
      await call(greffe.v1.Contents, 'FetchContent', {name: document.name});
  if (omitted || crypto.createHash('sha256').update(content).digest('hex') !== file.sha256) {
    throw new Error(`${path}: too large for one answer, or damaged on its way`);
  }
  fs.writeFileSync(require('path').basename(file.file_name), content);
  console.log(`${version.name} by ${version.author.display_name}: ${file.size} bytes`);
})().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
