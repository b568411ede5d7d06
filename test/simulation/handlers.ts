import './environment';
import { changeOf as auditChangeOf } from '../../functions/audit-logger/handler';
import { changeOf as relayChangeOf } from '../../functions/event-relay/handler';

export { auditChangeOf, relayChangeOf };
