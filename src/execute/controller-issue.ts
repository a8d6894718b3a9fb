/** Making certificates in a PKI directory of the controller. CA keys are read and used here; they are never sent anywhere. */
import {lstat, mkdir, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {type DataMap, dataMap} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import {Secret} from '../base/secret.ts';
import {type Ca, loadCa} from '../pki/ca.ts';
import {certificateFacts} from '../pki/read.ts';
import type {Op} from '../task/op.ts';
import {codeOf, controllerPath, fileError, readSmallFile, writeWhole} from './controller-file.ts';
import {nameProblem, pendingAuthority, pendingPath} from './controller-pki.ts';

/**
 * Makes `ca.key` and `ca.crt`; an existing key or certificate is never touched. The certificate waits under a hidden name
 * while the key is put in place, so that an interrupted run is completed by the next one. Rejects with ControllerError.
 */
export async function issueAuthority(op: Extract<Op, {kind: 'issue-ca'}>, nowMs: number): Promise<Result<DataMap>> {
  const dir = controllerPath(op.dir);
  const paths = {certificate: join(dir, 'ca.crt'), key: join(dir, 'ca.key'), pending: pendingPath(dir)};
  const [hasCertificate, hasKey] = [await exists(paths.certificate), await exists(paths.key)];
  if (hasCertificate) return err([caExists(`there is already a CA certificate: ${join(op.dir, 'ca.crt')}`)]);
  if (hasKey)
    return (
      (await completeAuthority(dir)) ??
      err([caExists(`there is already a CA key, but no certificate: ${join(op.dir, 'ca.key')}`)])
    );
  // Loaded only here: most runs make no certificate.
  const {issueCa} = await import('../pki/issue.ts');
  const issued = await issueCa({
    commonName: op.commonName,
    validityDays: op.validityDays,
    keyAlgorithm: op.keyAlgorithm,
    nowMs,
  });
  if (!issued.ok) return issued;
  try {
    const unsafe = await preparePkiDir(dir, '');
    if (unsafe !== undefined) return err([unsafe]);
    await writeWhole(paths.pending, issued.value.certificatePem, {mode: 0o644});
    await writeWhole(paths.key, issued.value.privateKeyPem.reveal(), {replace: false});
    // Not a rename of the waiting file: another controller may have put its own there, and lost the race for the key.
    await writeWhole(paths.certificate, issued.value.certificatePem, {mode: 0o644, replace: false});
    await rm(paths.pending, {force: true});
  } catch (error) {
    throw fileError('write', paths.key, error);
  }
  return ok(made('ca', issued.value.certificatePem));
}

/** Finishes what an interrupted run began; undefined = there is nothing to finish. */
async function completeAuthority(dir: string): Promise<Result<DataMap> | undefined> {
  const certificatePem = await pendingAuthority(dir);
  if (certificatePem === undefined) return undefined;
  try {
    await writeWhole(join(dir, 'ca.crt'), certificatePem, {mode: 0o644, replace: false});
    await rm(pendingPath(dir), {force: true});
  } catch (error) {
    throw fileError('write', join(dir, 'ca.crt'), error);
  }
  return ok(made('ca', certificatePem));
}

/** Signs one leaf with the directory's CA and writes its key, then its certificate. Rejects with ControllerError. */
export async function issueLeaf(
  {dir: asked, request}: Extract<Op, {kind: 'issue-certificate'}>,
  nowMs: number,
): Promise<Result<DataMap>> {
  const badName = nameProblem(request.name);
  if (badName !== undefined)
    return err([problem('E_CERT_FILE', badName, {hint: 'use a relative name such as etcd-1/server.'})]);
  const dir = controllerPath(asked);
  const ca = await readAuthority(dir, nowMs);
  if (!ca.ok) return ca;
  const {issueCertificate} = await import('../pki/issue.ts');
  const issued = await issueCertificate(request, ca.value, nowMs);
  if (!issued.ok) return issued;
  const {certificatePem, privateKeyPem} = issued.value;
  const {signedByCa, keyMatchesCert} = certificateFacts(
    {name: request.name, certificate: certificatePem, privateKey: privateKeyPem},
    ca.value.certificate,
  );
  if (signedByCa !== true || keyMatchesCert !== true)
    throw new Error(`Internal error: the new certificate ${request.name} does not verify`);
  const paths = {key: join(dir, `${request.name}.key`), certificate: join(dir, `${request.name}.crt`)};
  try {
    const unsafe =
      (await preparePkiDir(dir, request.name)) ??
      (await linkProblem(paths.key)) ??
      (await linkProblem(paths.certificate));
    if (unsafe !== undefined) return err([unsafe]);
    // Key first: a run that stops between the two leaves a pair that does not match, which is a reason to issue again.
    await writeWhole(paths.key, privateKeyPem.reveal());
    await writeWhole(paths.certificate, certificatePem, {mode: 0o644});
  } catch (error) {
    throw fileError('write', paths.key, error);
  }
  return ok(made(request.name, certificatePem));
}

async function readAuthority(dir: string, nowMs: number): Promise<Result<Ca>> {
  const certificate = await readSmallFile(join(dir, 'ca.crt'), {links: true});
  const key = await readSmallFile(join(dir, 'ca.key'), {links: false});
  const problems: Diagnostic[] = [];
  for (const [name, file] of [
    ['ca.crt', certificate],
    ['ca.key', key],
  ] as const) {
    if (file === undefined) {
      problems.push(
        problem('E_CA_MISSING', `there is no ${name} in ${dir}`, {
          hint: 'bring the CA that the cluster was made with, certificate and key.',
        }),
      );
    } else if ('error' in file) {
      problems.push(problem('E_CA_UNREADABLE', file.error, {hint: 'ca.crt and ca.key must be readable PEM files.'}));
    }
  }
  if (certificate === undefined || key === undefined || 'error' in certificate || 'error' in key) return err(problems);
  if ((Number.parseInt(key.mode, 8) & 0o077) !== 0) {
    return err([
      problem(
        'E_CA_KEY_MODE',
        `${join(dir, 'ca.key')} has mode ${key.mode}: others on this machine can read or change the CA key`,
        {
          hint: `chmod 600 ${join(dir, 'ca.key')}`,
        },
      ),
    ]);
  }
  return loadCa(certificate.text, new Secret(key.text), nowMs, join(dir, 'ca.crt'));
}

/** Makes the directories of a name, 0700. A new PKI directory is told to git as one to ignore. Returns why it is not safe to write there. */
async function preparePkiDir(dir: string, name: string): Promise<Diagnostic | undefined> {
  if ((await mkdir(dir, {recursive: true, mode: 0o700})) !== undefined)
    await writeWhole(join(dir, '.gitignore'), '*\n', {mode: 0o644});
  const stats = await stat(dir);
  if ((stats.mode & 0o002) !== 0) {
    return problem('E_PKI_DIR', `everybody on this machine can write to the PKI directory ${dir}`, {
      hint: `chmod 700 ${dir}`,
    });
  }
  let path = dir;
  for (const segment of name.split('/').slice(0, -1)) {
    path = join(path, segment);
    await mkdir(path, {mode: 0o700}).catch(error => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    if (!(await lstat(path)).isDirectory())
      return problem('E_PKI_DIR', `${path} is not a directory`, {
        hint: 'move it away: keys are not written through links.',
      });
  }
  return undefined;
}

/** A link was put there by somebody on purpose: it is not replaced behind their back. */
async function linkProblem(path: string): Promise<Diagnostic | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined || stats.isFile()) return undefined;
  return problem('E_CERT_FILE', `${path} is not a regular file: it is not replaced`, {
    hint: 'remove it, or renew the file that it points to yourself.',
  });
}

function caExists(message: string): Diagnostic {
  return problem('E_CA_EXISTS', `${message}; a CA is never overwritten`, {
    hint: 'every member trusts the CA it was made with: put back the file that is missing, or move the rest away to start anew.',
  });
}

function made(name: string, certificatePem: string): DataMap {
  const {serial, fingerprint256, notAfterMs} = certificateFacts({name, certificate: certificatePem}, undefined);
  return dataMap(
    Object.entries({
      name,
      serial: serial ?? null,
      fingerprint256: fingerprint256 ?? null,
      not_after_ms: notAfterMs ?? null,
    }),
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw fileError('read', path, error);
  }
}
