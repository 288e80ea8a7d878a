import { streamsSuite } from "./_streams_suite.ts";
import { startGateway } from "./_process.ts";

streamsSuite("gateway", startGateway);
