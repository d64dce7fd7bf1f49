package import NIOCore
internal import NIOPosix

/// The threads that all traffic of a node lives on.
package enum EventLoops {
    package static func start(_ count: Int) -> any EventLoopGroup {
        MultiThreadedEventLoopGroup(numberOfThreads: count)
    }
}
