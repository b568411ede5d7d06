// The bundles run on Node 22; that tests run them on Node 20 as well needs no banner per test file.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
