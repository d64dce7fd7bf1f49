/// Several that are told, in their order.
struct ChangeListeners: ChangeListener {
    private let listeners: [any ChangeListener]

    init(_ listeners: [any ChangeListener]) { self.listeners = listeners }

    func contentChanged() { for listener in self.listeners { listener.contentChanged() } }
    func denyListChanged() { for listener in self.listeners { listener.denyListChanged() } }
}
