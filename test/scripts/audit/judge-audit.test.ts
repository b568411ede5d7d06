import { describe, expect, it } from '@jest/globals';
import { judgeAudit } from '../../../scripts/audit/judge-audit';

const metadata = { dependencies: { total: 7 } };
const vulnerable = (severity: string) => ({
  severity,
  range: '<1.2.3',
  via: ['two', { title: 'Reads files', url: 'https://github.com/advisories/GHSA-1' }],
});
const printed = (vulnerabilities: object) => JSON.stringify({ auditReportVersion: 2, vulnerabilities, metadata });

describe('judgeAudit', () => {
  it('is clean where nothing is known', () => {
    expect(judgeAudit(printed({}))).toEqual({
      outcome: 'clean',
      lines: ['7 packages, none with a vulnerability that is high or critical'],
    });
  });

  it.each(['info', 'low', 'moderate'])('is clean where something %s is known', (severity) => {
    expect(judgeAudit(printed({ one: vulnerable(severity) })).outcome).toBe('clean');
  });

  it.each(['high', 'critical'])('names what is %s, and why', (severity) => {
    expect(judgeAudit(printed({ one: vulnerable(severity), two: vulnerable('low') }))).toEqual({
      outcome: 'vulnerable',
      lines: [`${severity}: one <1.2.3: through two; Reads files https://github.com/advisories/GHSA-1`],
    });
  });

  it('says in one line that a registry does not answer', () => {
    const refusal = {
      message: '405 Method Not Allowed - POST https://registry.example/-/npm/v1/security/advisories/bulk',
      statusCode: 405,
    };
    expect(judgeAudit(JSON.stringify(refusal))).toEqual({ outcome: 'unanswered', lines: [`not audited: ${refusal.message}`] });
  });

  it.each(['', 'npm ERR! network', 'null', '{"vulnerabilities":{}}'])('never takes %j for a clean bill', (text) => {
    expect(judgeAudit(text)).toEqual({ outcome: 'unanswered', lines: ['not audited: npm audit printed no report'] });
  });
});
