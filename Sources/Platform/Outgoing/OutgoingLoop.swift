import CCurl

/// The client's one thread: starts what the mailbox holds, lets libcurl work, reports what ended, sleeps until
/// there is something to do. Everything here is used by that thread alone.
@safe struct OutgoingLoop: ~Copyable {
    /// libcurl shortens it to its own next timer; the mailbox ends it at once.
    private static let pollMilliseconds: Int32 = 60_000

    private let mailbox: OutgoingMailbox
    private let options: OutgoingOptions
    private let multi: UnsafeMutableRawPointer
    private var transfers: [UInt64: Transfer] = [:]
    /// By the address of libcurl's handle, as it reports them.
    private var ids: [UInt: UInt64] = [:]

    /// Nil without memory.
    init?(_ mailbox: OutgoingMailbox, _ options: OutgoingOptions) {
        guard let multi = unsafe curl_multi_init() else { return nil }
        unsafe self.multi = multi
        self.mailbox = mailbox
        self.options = options
        _ = unsafe ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, options.connectionsPerHostMax)
        _ = unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, options.connectionsKeptMax)
        unsafe mailbox.open(ccurl_make_waker(multi))
    }

    deinit {
        self.mailbox.close()
        _ = unsafe curl_multi_cleanup(self.multi)
    }

    /// Returns when the mailbox says so; what was under way then has been reported as `.closed`.
    mutating func run() {
        while true {
            let post = self.mailbox.take()
            for order in post.orders { self.start(order) }
            for id in post.cancelled { self.abandon(id, OutgoingFault(.cancelled, "the call was given up")) }
            if post.mustEnd { break }
            var running: Int32 = 0
            unsafe curl_multi_perform(self.multi, &running)
            self.reportFinished()
            unsafe curl_multi_poll(self.multi, nil, 0, Self.pollMilliseconds, nil)
        }
        for id in Array(self.transfers.keys) {
            self.abandon(id, OutgoingFault(.closed, "the client has been shut down"))
        }
    }

    private mutating func start(_ order: OutgoingMailbox.Order) {
        do throws(OutgoingFault) {
            let transfer = try Transfer(id: order.id, order.request, self.options, finish: order.finish)
            guard unsafe curl_multi_add_handle(self.multi, transfer.easy) == CURLM_OK else {
                throw OutgoingFault(.overloaded, "no memory for a transfer")
            }
            self.transfers[order.id] = transfer
            unsafe self.ids[UInt(bitPattern: transfer.easy)] = order.id
        } catch {
            self.mailbox.release(order.id)
            order.finish(.failure(error))
        }
    }

    private mutating func reportFinished() {
        while true {
            let finished = unsafe ccurl_next_finished(self.multi)
            guard let easy = unsafe finished.easy else { return }
            guard let id = self.ids.removeValue(forKey: UInt(bitPattern: easy)),
                let transfer = self.transfers.removeValue(forKey: id)
            else { continue }
            unsafe curl_multi_remove_handle(self.multi, easy)
            self.mailbox.release(id)
            unsafe transfer.end(finished.result)
        }
    }

    private mutating func abandon(_ id: UInt64, _ fault: OutgoingFault) {
        guard let transfer = self.transfers.removeValue(forKey: id) else { return }
        unsafe self.ids.removeValue(forKey: UInt(bitPattern: transfer.easy))
        unsafe curl_multi_remove_handle(self.multi, transfer.easy)
        self.mailbox.release(id)
        transfer.abandon(fault)
    }
}
