// The bundles run on Node 22; that tests run them on Node 20 as well needs no banner per test file.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
// Colours are on where CI is set and off where there is no terminal: what a test sees must not depend on it.
process.env.NO_COLOR = '1';
delete process.env.FORCE_COLOR;
