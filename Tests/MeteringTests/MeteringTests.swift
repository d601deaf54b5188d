import TestKit
import Testing

/// What many do at once, with the meter and the books. `deploy/test` runs it by itself, and one test of it after the other: crowds
/// are to meet in the database, not to wait for the processor.
@Suite("Metering under load", .serialized)
enum MeteringTests {}
