import { describe, expect, it } from '@jest/globals';
import { listOf, readEnvironment, wholeNumber, wholeNumbers } from '../../../../functions/shared/runtime/environment';

describe('readEnvironment', () => {
  it('gives the named variables and no others', () => {
    expect(readEnvironment(['A', 'B'], { A: '1', B: '2', C: '3' })).toEqual({ A: '1', B: '2' });
  });

  it('names every variable that is missing or empty, in one error', () => {
    expect(() => readEnvironment(['A', 'B', 'C'], { A: '', C: '3' })).toThrow('Missing environment variables: A, B');
  });
});

describe('wholeNumber', () => {
  it('reads a whole number', () => {
    expect(wholeNumber({ N: '1048576' }, 'N')).toBe(1048576);
  });

  it.each(['0', '-1', '1.5', '1e3', 'NaN', ' 1', '', '99999999999999999999'])('refuses %j and names the variable', (text) => {
    expect(() => wholeNumber({ N: text }, 'N')).toThrow('N must be a whole number of at least 1');
  });
});

describe('listOf', () => {
  it('splits at commas and drops blanks', () => {
    expect(listOf({ L: ' stripe, ,square,' }, 'L')).toEqual(['stripe', 'square']);
  });

  it('refuses a list that names nothing', () => {
    expect(() => listOf({ L: ' , ' }, 'L')).toThrow('L must name at least one');
  });
});

describe('wholeNumbers', () => {
  it('reads a list', () => {
    expect(wholeNumbers({ L: '30, 120' }, 'L')).toEqual([30, 120]);
  });

  it.each(['0', '30,-1', '1.5', 'soon', '1e3', '9999999999'])('refuses %j and names the variable', (text) => {
    expect(() => wholeNumbers({ L: text }, 'L')).toThrow('L must be whole numbers of at least 1');
  });

  it('refuses an empty list', () => {
    expect(() => wholeNumbers({ L: ',' }, 'L')).toThrow('L must name at least one');
  });
});
