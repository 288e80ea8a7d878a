import { fieldsSuite } from "./_fields_suite.ts";
import { startGateway } from "./_process.ts";

fieldsSuite("gateway", startGateway);
