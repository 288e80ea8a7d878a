import { loadSuite } from "./_load_suite.ts";
import { startGateway } from "./_process.ts";

loadSuite("gateway", startGateway);
