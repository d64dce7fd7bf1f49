package import Domain

/// One batch of a boot's stream, as it is offered to the database.
package struct UsageDelivery: Sendable {
    package let node: ID<Node>
    package let boot: ID<Boot>
    /// In ascending, dense order; `arrivals` says of each how it stands in the stream.
    package let records: [UsageRecord]
    package let arrivals: [StreamIntake.Arrival]
    /// The running digest before the batch, by the node's account.
    package let chainBefore: [UInt8]
    package let received: Timestamp

    package init(
        node: ID<Node>,
        boot: ID<Boot>,
        records: [UsageRecord],
        arrivals: [StreamIntake.Arrival],
        chainBefore: [UInt8],
        received: Timestamp
    ) {
        self.node = node
        self.boot = boot
        self.records = records
        self.arrivals = arrivals
        self.chainBefore = chainBefore
        self.received = received
    }

    /// The same, of another node's stream.
    func of(_ node: ID<Node>) -> UsageDelivery {
        UsageDelivery(
            node: node,
            boot: self.boot,
            records: self.records,
            arrivals: self.arrivals,
            chainBefore: self.chainBefore,
            received: self.received
        )
    }
}

package enum UsageReceipt: Hashable, Sendable {
    /// Everything up to here is committed.
    case taken(through: UInt64, Intake)
    case rewind(expected: UInt64)
    /// Two writers used one boot's name; `expected` is what would have come next.
    case fenced(expected: UInt64)

    /// What a batch added, for metrics and alarms.
    package struct Intake: Hashable, Sendable {
        package var events = 0
        /// Records that an earlier batch had brought.
        package var duplicates = 0
        package var unreadable = 0
        package var lost: UInt64 = 0
        package var costMismatches = 0
        package var isClosed = false

        package init() {}
    }
}
