using Deque.AxeCore.Commons;
using PuppeteerSharp;

namespace LmmRec.Evaluate.Tests;

/// <summary>A page as the Chromium of this machine shows it, without a network.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private readonly IBrowser _browser;
    private readonly IPage _page;

    private Chromium(IBrowser browser, IPage page) => (_browser, _page) = (browser, page);

    /// <summary>What the page wrote to the console, failed at or asked for in vain.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Opens a file; skips the test where there is no Chromium.</summary>
    public static async Task<Chromium> OpenAsync(string file, int width, bool dark)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var program = (from name in Names from folder in folders select Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "there is no Chromium here to look at the page with; on Debian: apt-get install chromium");
        // Its sandbox refuses to run as root, as CI does; the page is our own.
        var browser = await Puppeteer.LaunchAsync(new LaunchOptions { ExecutablePath = program, Args = ["--no-sandbox", "--disable-gpu"] });
        var page = await browser.NewPageAsync();
        var chromium = new Chromium(browser, page);
        page.Console += (_, message) => chromium.Complaints.Add(message.Message.Text);
        page.PageError += (_, error) => chromium.Complaints.Add(error.Message);
        page.RequestFailed += (_, request) => chromium.Complaints.Add($"cannot load {request.Request.Url}");
        await page.SetOfflineModeAsync(true);
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 900 });
        await page.EmulateMediaFeaturesAsync([new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = dark ? "dark" : "light" }]);
        await page.GoToAsync($"file://{file}", WaitUntilNavigation.Load);
        return chromium;
    }

    /// <summary>Elements that reach beyond the window, but for those in a region that scrolls.</summary>
    public Task<string[]> OverflowAsync() => _page.EvaluateFunctionAsync<string[]>("""
        () => [...document.querySelectorAll("body *")]
          .filter(e => !e.closest(".definitions") && !e.parentElement.closest(".scroll"))
          .filter(e => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.right > innerWidth + 0.5 || r.left < -0.5); })
          .map(e => `${e.tagName} ${e.className.baseVal ?? e.className} "${e.textContent.trim().slice(0, 40)}" ${e.getBoundingClientRect().right}`)
          .concat(document.documentElement.scrollWidth > innerWidth ? [`the page is ${document.documentElement.scrollWidth} wide`] : [])
        """);

    /// <summary>What axe-core finds wrong for those who use a keyboard or a screen reader, or see little contrast.</summary>
    public async Task<string[]> BarriersAsync()
    {
        await _page.EvaluateExpressionAsync(new BundledAxeScriptProvider().GetScript());
        return await _page.EvaluateFunctionAsync<string[]>("""
            async () => (await axe.run()).violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)} ${n.failureSummary}`))
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.CloseAsync();
        await _browser.DisposeAsync();
    }
}
