using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LmmRec.Ingest.Tests;

/// <summary>A real HTTP server on loopback whose answers a test writes itself; asked for under the name <see cref="Host"/>.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    public const string Host = "shop.test";

    private readonly WebApplication _server;
    private int _requests;

    private WebServer(WebApplication server) => _server = server;

    public int Requests => _requests;

    public IPEndPoint Endpoint => IPEndPoint.Parse(new Uri(_server.Urls.Single()).Authority);

    /// <summary>Opens a server that gives <paramref name="answer"/> the request and its number, from 1.</summary>
    public static async Task<WebServer> StartAsync(Func<HttpContext, int, Task> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var server = new WebServer(builder.Build());
        server._server.Run(context => answer(context, Interlocked.Increment(ref server._requests)));
        await server._server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
