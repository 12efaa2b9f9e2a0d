using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace LmmRec.EndToEnd.Monitoring;

/// <summary>A receiver of OpenTelemetry's protocol, over HTTP or gRPC, that keeps what it gets; whatever else it is asked for is empty.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private const int GrpcPrefix = 5; // a byte that says whether it is packed, and the length

    private readonly WebApplication _server;
    private readonly ConcurrentQueue<(string Path, string? TraceParent, byte[] Body)> _requests = [];

    private Receiver(WebApplication server) => _server = server;

    public string Address { get; private set; } = "";

    /// <summary>The requests to one of the two services, as messages.</summary>
    public IEnumerable<WireMessage> Of(string signal) => _requests.Where(request => request.Path.Contains(signal, StringComparison.OrdinalIgnoreCase)).Select(request => WireMessage.Of(request.Body));

    /// <summary>All bytes that came.</summary>
    public IEnumerable<byte> Bytes => _requests.SelectMany(request => request.Body);

    /// <summary>What requests came for, and the trace that they said they belong to.</summary>
    public IEnumerable<(string Path, string? TraceParent)> Requests => _requests.Select(request => (request.Path, request.TraceParent));

    /// <param name="grpc">by gRPC, else by HTTP</param>
    /// <param name="status">of its answers; null: it never answers</param>
    public static async Task<Receiver> StartAsync(bool grpc, int? status = StatusCodes.Status200OK)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var receiver = new Receiver(builder.Build());
        receiver._server.Run(context => receiver.TakeAsync(context, grpc, status));
        await receiver._server.StartAsync(TestContext.Current.CancellationToken);
        receiver.Address = receiver._server.Urls.Single();
        return receiver;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context, bool grpc, int? status)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        _requests.Enqueue((context.Request.Path, (string?)context.Request.Headers.TraceParent, body.ToArray()[(grpc ? GrpcPrefix : 0)..]));
        if (status is null) await Task.Delay(Timeout.Infinite, context.RequestAborted);
        else context.Response.StatusCode = status.Value;
        context.Response.ContentType = grpc ? "application/grpc" : "application/x-protobuf";
        if (!grpc) return;
        await context.Response.Body.WriteAsync(new byte[GrpcPrefix], context.RequestAborted); // an answer that says nothing
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
