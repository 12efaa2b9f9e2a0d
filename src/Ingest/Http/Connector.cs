using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Polly;
using Polly.Retry;

namespace LmmRec.Ingest.Http;

/// <summary>An address of this machine or its network: a catalogue from outside must not make us ask our own servers.</summary>
internal sealed class BlockedAddressException(string message) : Exception(message);

/// <summary>
/// Opens connections to public addresses only, checked after resolving and after each redirect. Exempt are names that stand for an endpoint on this
/// machine, hosts that the configuration lists, and everything where a proxy connects for us: the check then is the proxy's.
/// </summary>
internal sealed class Connector(
    FetchPolicy policy, TimeProvider clock, IReadOnlyDictionary<string, IPEndPoint>? embedded = null, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    /// <summary>How long the resolver's answer is kept; that there is no such host, too.</summary>
    public static readonly TimeSpan AddressesLast = TimeSpan.FromMinutes(5);

    // The resolver is another server that may be busy for a moment.
    private const int ResolverRetries = 3;

    private readonly ConcurrentDictionary<string, (DateTimeOffset Until, Task<IPAddress[]> Addresses)> _resolved = new(StringComparer.OrdinalIgnoreCase);
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve = resolve ?? Dns.GetHostAddressesAsync;
    private readonly ResiliencePipeline _resolving = new ResiliencePipelineBuilder { TimeProvider = clock }.AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = new PredicateBuilder().Handle<SocketException>(e => !IsAnswer(e)),
        MaxRetryAttempts = ResolverRetries,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = TimeSpan.FromMilliseconds(200),
    }).Build();

    // Where public addresses are given out (IANA): all else of IPv6 is local, or holds an IPv4 address that would pass unseen (NAT64).
    private static readonly IPNetwork[] Assigned = [.. new[] { "0.0.0.0/0", "2000::/3" }.Select(IPNetwork.Parse)];

    // What within them is not public (IANA's special-purpose registries); 2001::/23 holds Teredo, and 2002::/16 is 6to4. 168.63.129.16 is given out
    // like any other, yet to a virtual machine of Azure it is the agent of the machine's own host, which hands out certificates and settings.
    private static readonly IPNetwork[] Special =
        [.. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "168.63.129.16/32", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(IPNetwork.Parse)];

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
            if (embedded?.GetValueOrDefault(host) is { } endpoint) await socket.ConnectAsync(endpoint, cancellation);
            else await socket.ConnectAsync(await AllowedAddressesAsync(host, cancellation), port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The addresses of a host that may be connected to.</summary>
    /// <exception cref="BlockedAddressException">It has none.</exception>
    internal async Task<IPAddress[]> AllowedAddressesAsync(string host, CancellationToken cancellation)
    {
        // A literal needs no resolving, and the resolver refuses 0.0.0.0 in words of its own.
        var all = IPAddress.TryParse(host, out var literal) ? [literal] : await ResolveAsync(host).WaitAsync(cancellation);
        if (policy.Proxy is not null || policy.PrivateHosts.Contains(host, StringComparer.OrdinalIgnoreCase)) return all;
        var addresses = Array.FindAll(all, IsPublic);
        return addresses.Length > 0 ? addresses : throw new BlockedAddressException($"the host is an address of this machine or its network, which is not allowed: {host}; ingest.privateHosts lists exceptions");
    }

    // Many ask at a time; one of them asks the resolver. What it could not answer is not kept.
    private Task<IPAddress[]> ResolveAsync(string host)
    {
        var now = clock.GetUtcNow();
        return _resolved.AddOrUpdate(host, Ask, (_, known) => known.Until > now && (!known.Addresses.IsFaulted || IsAnswer(known.Addresses.Exception.InnerException)) ? known : Ask(host)).Addresses;

        (DateTimeOffset, Task<IPAddress[]>) Ask(string name) =>
            (now + AddressesLast, _resolving.ExecuteAsync(async token => await _resolve(name, token), CancellationToken.None).AsTask());
    }

    private static bool IsAnswer(Exception? e) => e is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData };

    /// <summary>Whether an address belongs to the public Internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return Array.Exists(Assigned, network => network.Contains(address)) && !Array.Exists(Special, network => network.Contains(address));
    }
}
