import { failuresSuite } from "./_failures_suite.ts";
import { startGateway } from "./_process.ts";

failuresSuite("gateway", startGateway);
