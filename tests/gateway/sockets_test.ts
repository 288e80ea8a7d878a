import { socketsSuite } from "./_sockets_suite.ts";
import { startGateway } from "./_process.ts";

socketsSuite("gateway", startGateway);
