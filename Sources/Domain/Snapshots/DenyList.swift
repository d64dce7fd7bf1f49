/// What is forbidden at once, under every snapshot: it only ever takes away.
package struct DenyList: Hashable, Sendable {
    package let number: UInt64
    package let revokedKeys: Set<ID<APIKey>>
    package let bannedNodes: Set<ID<Node>>
    package let stoppedModels: Set<Name<Model>>

    package init(
        number: UInt64 = 0,
        revokedKeys: Set<ID<APIKey>> = [],
        bannedNodes: Set<ID<Node>> = [],
        stoppedModels: Set<Name<Model>> = []
    ) {
        self.number = number
        self.revokedKeys = revokedKeys
        self.bannedNodes = bannedNodes
        self.stoppedModels = stoppedModels
    }
}
