/** What the handlers read when they are loaded, for the sake of how they translate a record; none of the clients that they make is ever used. */
Object.assign(process.env, {
  ALERT_TOPIC_ARN: 'alerts',
  ARCHIVE_BUCKET_NAME: 'archive',
  AUDIT_BUCKET_NAME: 'audit',
  AWS_REGION: 'ap-southeast-1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  MAX_ATTEMPTS: '1',
  PROCESSING_QUEUE_URL: 'processing',
  REQUEST_TIMEOUT_MS: '1000',
  STREAM_DEAD_LETTER_QUEUE_URL: 'dead-letters',
});
