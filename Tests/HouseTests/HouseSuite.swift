import Testing

/// The house as its users have it: real programs, real sockets, real crashes.
///
/// One at a time, so that the processes of one test do not starve those of another.
@Suite(.serialized)
struct HouseSuite {}
