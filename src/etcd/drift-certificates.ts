/** Differences of a member's certificates: the controller's copy, the one on disk, and the one that clients are shown. */
import {attributeDifferences} from './drift-files.ts';
import {type CertificateView, type Difference, type HostLayers, MISSING, stepOf, whose} from './drift-layers.ts';

/** A leaf is read at each handshake; only the CA needs a restart. */
export function certificateDifferences(layers: HostLayers): readonly Difference[] {
  const fix = stepOf(layers, 'etcd_cert');
  return layers.certificates.flatMap((certificate): readonly Difference[] => {
    const {file, wanted, disk, served, isNewerThanProcess, keyDiffers, attributes} = certificate;
    const found: Difference[] = [];
    const differs = wanted?.fingerprint256 !== disk?.fingerprint256;
    const servesOther = served !== undefined && disk !== undefined && served.fingerprint256 !== disk.fingerprint256;
    if (differs || servesOther) {
      found.push({
        ...whose(layers),
        what: file,
        inventory: shown(wanted),
        disk: shown(disk),
        ...(served === undefined ? {} : {process: shown(served)}),
        restart: false,
        fix:
          wanted === undefined
            ? "copy the cluster's etcd_pki_dir from the controller that made it: here it has no such certificate"
            : differs
              ? fix
              : `something else answers on the client port of ${layers.host}: look with "ss -ltnp"`,
      });
    }
    if (!differs && isNewerThanProcess) {
      const process = 'started before the file was written, and reads it only then';
      const fixed = `etcdctl-play etcd-restart.yml -l ${layers.host}`;
      found.push({...whose(layers), what: file, disk: shown(disk), process, restart: true, fix: fixed});
    }
    if (keyDiffers) {
      const key = file.replace(/\.crt$/, '.key');
      found.push({...whose(layers), what: key, inventory: "the controller's", disk: 'another', restart: false, fix});
    }
    found.push(...attributeDifferences(layers, {path: file, attributes}, fix));
    return found;
  });
}

/** `AB:CD:… until 2036-01-31`: enough to tell two apart. */
function shown(certificate: CertificateView | undefined): string {
  if (certificate === undefined) return MISSING;
  const end = new Date(certificate.notAfterMs).toISOString().slice(0, 10);
  return `${certificate.fingerprint256.slice(0, 11)}… until ${end}`;
}
