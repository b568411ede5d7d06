import { check, integer, someOf, type Check } from './check';
import { distrust, isPrivate, parseCidr } from './cidr';
import { interfaceServices, servicesThatFunctionsCall } from './interface-services';
import { providers, type Environment } from './settings';
import { trustedProviderRanges, type TrustedRangeName } from './trusted-ranges';

/** Checks of what lies between the pipeline and the world: network, web ACL, domain, and the place of the Terraform state. */
export function edgeChecks(environment: Environment): readonly Check[] {
  return [
    ...networkChecks(environment),
    ...wayOutChecks(environment),
    ...webAclChecks(environment),
    ...domainChecks(environment),
    ...stateChecks(environment),
    ...silenceChecks(environment),
  ];
}

function networkChecks({ network, region }: Environment): readonly Check[] {
  const { cidr, availabilityZones, natGateways } = network;
  const range = parseCidr(cidr);
  const rangeOk = range !== undefined && range.prefix >= 16 && range.prefix <= 24 && isPrivate(range);
  const zonesOk = availabilityZones === undefined || areZonesOf(region, availabilityZones);
  return [
    check('network.cidr', cidr, rangeOk, 'a private range from /16 to /24 that begins at its first address, such as 10.0.0.0/16'),
    check('network.availabilityZones', availabilityZones, zonesOk, `two different zones of ${region}, such as ${region}a and ${region}b`),
    integer('network.natGateways', natGateways, 0, 2),
    someOf('network.interfaceServices', network.interfaceServices, interfaceServices),
  ];
}

function areZonesOf(region: string, zones: readonly string[]): boolean {
  return (
    zones.length === 2 &&
    zones[0] !== zones[1] &&
    zones.every((zone) => zone.startsWith(region) && /^[a-z]$/.test(zone.slice(region.length)))
  );
}

/** Without a NAT gateway, what has no endpoint cannot be reached, and every webhook would be answered 503. */
function wayOutChecks({ network, enabledProviders, alertEndpoints, localRun }: Environment): readonly Check[] {
  if (network.natGateways > 0) return [];
  const { interfaceServices: reachable } = network;
  const needed = servicesThatFunctionsCall;
  return [
    check(
      'network.interfaceServices',
      reachable,
      needed.every((service) => reachable.includes(service)),
      `${needed.join(', ')} at least, as natGateways is 0`,
    ),
    check(
      'enabledProviders',
      enabledProviders,
      !enabledProviders.includes('paypal'),
      'not paypal, whose certificate is fetched from the internet, as natGateways is 0',
    ),
    check(
      'alertEndpoints',
      alertEndpoints,
      !alertEndpoints || localRun === true,
      'false, as the endpoints are on the internet and natGateways is 0',
    ),
  ];
}

function webAclChecks({ webAcl }: Environment): readonly Check[] {
  if (webAcl === undefined) return [];
  return [
    integer('webAcl.requestsPerMinute', webAcl.requestsPerMinute, 10, 2_000_000_000),
    someOf('webAcl.trustedRanges', webAcl.trustedRanges, Object.keys(trustedProviderRanges)),
    ...webAcl.trustedRanges.flatMap((name) => rangeChecks(name)),
  ];
}

function rangeChecks(name: TrustedRangeName): readonly Check[] {
  // A name that is not there has failed the check before.
  const cidrs: readonly string[] = Object.entries(trustedProviderRanges).find(([key]) => key === name)?.[1].cidrs ?? [];
  return cidrs.map((cidr) => {
    const reason = distrust(cidr);
    return check(`${name} in trusted-provider-ranges.json`, cidr, reason === undefined, `public addresses; this one ${reason ?? 'is'}`);
  });
}

function domainChecks({ customDomain, region }: Environment): readonly Check[] {
  if (customDomain === undefined) return [];
  const { domainName, certificateArn, hostedZoneId } = customDomain;
  const nameOk = domainName.length <= 253 && /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/.test(domainName);
  const certificateOk = /^arn:aws:acm:([a-z0-9-]+):\d{12}:certificate\/[0-9a-f-]{36}$/.exec(certificateArn)?.[1] === region;
  const zoneOk = hostedZoneId === undefined || /^Z[A-Z0-9]{1,31}$/.test(hostedZoneId);
  return [
    check('customDomain.domainName', domainName, nameOk, 'a domain name in lower case, such as webhooks.example.com'),
    check('customDomain.certificateArn', certificateArn, certificateOk, `the ARN of an ACM certificate in ${region}`),
    check('customDomain.hostedZoneId', hostedZoneId, zoneOk, 'the id of a Route 53 zone, such as Z0123456789ABCDEFGHIJ'),
  ];
}

function stateChecks({ state }: Environment): readonly Check[] {
  if (state === undefined) return [];
  const { bucket, lockTable } = state;
  return [
    check(
      'state.bucket',
      bucket,
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket),
      'the name of a bucket, as npm run bootstrap printed it',
    ),
    check('state.lockTable', lockTable, /^[a-zA-Z0-9_.-]{3,255}$/.test(lockTable), 'the name of a table, as npm run bootstrap printed it'),
  ];
}

function silenceChecks({ silentAfterHours, enabledProviders }: Environment): readonly Check[] {
  const named = Object.entries(silentAfterHours);
  return [
    someOf(
      'silentAfterHours',
      named.map(([provider]) => provider),
      providers.filter((provider) => enabledProviders.includes(provider)),
    ),
    ...named.map(([provider, hours]) => integer(`silentAfterHours.${provider}`, hours, 1, 24)),
  ];
}
