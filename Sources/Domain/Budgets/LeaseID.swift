/// A lease by its boot and the number that the boot gave it.
package struct LeaseID: Hashable, Sendable {
    package let boot: ID<Boot>
    package let number: UInt64

    package init(boot: ID<Boot>, number: UInt64) {
        self.boot = boot
        self.number = number
    }
}
