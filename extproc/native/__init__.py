"""A server for one gRPC method, `ExternalProcessor/Process`, written beside RFC 9113 (HTTP/2).

    server          sockets, timers, back-pressure                 the only module with asyncio
    connection      bytes in → events and bytes out                RFC 9113, 3.4, 5, 6
      frames        the frames of a byte stream                    4.1, 4.2, 6
      settings      what both sides promise                        6.5
      fieldblocks   header blocks, by `hpack`                      4.3, 8.2, 8.3, 10.5.1; RFC 7541
      flow          credit given and taken                         5.2, 6.9
      stream        one request and its answers                    5.1
      messages      length-prefixed messages                       gRPC over HTTP/2
      replies       answers that never vary                        8.3.2; gRPC over HTTP/2
      patience      a bound on what costs us and serves nobody     10.5
      limits, errors

Envoy's bytes are taken for hostile: whatever they are, a connection answers or closes as the RFC
says, within bounded memory, and an error of one stream leaves the others alone.
"""
