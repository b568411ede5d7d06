/**
 * Number of decimals of a currency's minor unit, after ISO 4217 (list one, with the funds codes).
 * Codes without a minor unit (gold, test codes, SDR) are left out on purpose: an amount in them is not money that we can state exactly.
 * https://www.six-group.com/en/products-services/financial-information/data-standards.html
 */
const codesByExponent: readonly (readonly [exponent: number, codes: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE
     CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK
     LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON
     RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST
     XAD XCD XCG YER ZAR ZMW ZWG`,
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];

/** Withdrawn in 2022 or later: refunds and disputes of older payments still come in them. */
const withdrawnCodes: readonly (readonly [exponent: number, codes: string])[] = [[2, 'ANG BGN CUC HRK SLL ZWL']];

const exponents: ReadonlyMap<string, number> = new Map(
  [...codesByExponent, ...withdrawnCodes].flatMap(([exponent, codes]) => codes.split(/\s+/).map((code) => [code, exponent] as const)),
);

/** Decimals of the currency's minor unit (0, 2, 3 or 4), or undefined when the code, in upper case, is not a currency. */
export function exponentOf(currency: string): number | undefined {
  return exponents.get(currency);
}

/** Every currency that this pipeline can state an amount in, in upper case. */
export const currencies: readonly string[] = [...exponents.keys()].sort();
