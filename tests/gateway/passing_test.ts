import { passingSuite } from "./_passing_suite.ts";
import { startGateway } from "./_process.ts";

passingSuite("gateway", startGateway);
