/** A cluster's PKI directory on the controller: `ca.crt`, `ca.key` and `<name>.crt`, `<name>.key`. CA keys are read only here. */
import {join} from 'node:path';
import {Secret} from '../base/secret.ts';
import {type CertificateFacts, type CertificateFiles, certificateFacts, readCa} from '../pki/read.ts';
import type {PkiFact} from '../task/fact.ts';
import {controllerPath, readSmallFile, type SmallFile} from './controller-file.ts';

/** What a PKI directory holds; files that are missing or unreadable are facts, not failures. */
export async function pkiFact(dir: string, names: readonly string[]): Promise<PkiFact> {
  const root = controllerPath(dir);
  const caPair = await readPair(root, 'ca');
  const ca = readCa(caPair.files);
  const facts = await Promise.all(
    names.map(async (name): Promise<[string, CertificateFacts]> => {
      const refusal = nameProblem(name);
      if (refusal !== undefined) return [name, {name, certExists: false, keyExists: false, error: refusal}];
      return [name, factsOf(await readPair(root, name), ca)];
    }),
  );
  const isUnfinished =
    caPair.certificate === undefined && caPair.key !== undefined && (await pendingAuthority(root)) !== undefined;
  const caFact = isUnfinished ? {name: 'ca', certExists: false, keyExists: false} : factsOf(caPair, undefined);
  return {dir, ca: caFact, certificates: Object.fromEntries(facts)};
}

/** Where the certificate of a new CA waits while its key is put in place. */
export function pendingPath(root: string): string {
  return join(root, '.ca.crt.pending');
}

/**
 * The certificate (PEM) of a CA whose making was interrupted between key and certificate: it waits, and belongs to the key.
 * Such a CA counts as none: nobody has seen its certificate yet, and `issue-ca` completes it.
 */
export async function pendingAuthority(root: string): Promise<string | undefined> {
  const [pending, key] = await Promise.all([
    readSmallFile(pendingPath(root), {links: false}),
    readSmallFile(join(root, 'ca.key'), {links: false}),
  ]);
  if (pending === undefined || key === undefined || 'error' in pending || 'error' in key) return undefined;
  const {isCa, keyMatchesCert} = certificateFacts(
    {name: 'ca', certificate: pending.text, privateKey: new Secret(key.text)},
    undefined,
  );
  return isCa && keyMatchesCert ? pending.text : undefined;
}

/** Why a name cannot be a certificate's in a PKI directory; undefined = it can. */
export function nameProblem(name: string): string | undefined {
  const segments = name.split('/');
  if (name === 'ca') return 'the name "ca" is the authority\'s own';
  const isFine = segments.every(
    segment => segment !== '' && segment !== '.' && segment !== '..' && !segment.includes('\0'),
  );
  return isFine ? undefined : `${JSON.stringify(name)} is not a name below the PKI directory`;
}

interface Pair {
  readonly files: CertificateFiles;
  readonly certificate: SmallFile;
  readonly key: SmallFile;
}

/** The two files of a name. Only certificates may be symbolic links. */
async function readPair(root: string, name: string): Promise<Pair> {
  const [certificate, key] = await Promise.all([
    readSmallFile(join(root, `${name}.crt`), {links: true}),
    readSmallFile(join(root, `${name}.key`), {links: false}),
  ]);
  return {
    certificate,
    key,
    files: {
      name,
      ...(certificate !== undefined && 'text' in certificate ? {certificate: certificate.text} : {}),
      ...(key !== undefined && 'text' in key ? {privateKey: new Secret(key.text), keyMode: key.mode} : {}),
    },
  };
}

/** A file that is there but cannot be read exists all the same: nothing may be put in its place unasked. */
function factsOf({files, certificate, key}: Pair, ca: Parameters<typeof certificateFacts>[1]): CertificateFacts {
  const facts = certificateFacts(files, ca);
  const errors = [certificate, key].flatMap(file => (file !== undefined && 'error' in file ? [file.error] : []));
  if (errors.length === 0) return facts;
  const error = [...errors, ...(facts.error === undefined ? [] : [facts.error])].join('; ');
  return {...facts, certExists: certificate !== undefined, keyExists: key !== undefined, error};
}
