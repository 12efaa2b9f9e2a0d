using System.Text.RegularExpressions;

namespace LmmRec.EndToEnd.Terminal;

/// <summary>Progress on terminals of several widths, as it is seen there.</summary>
public sealed partial class ProgressTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(30)]
    [InlineData(44)]
    [InlineData(80)]
    [InlineData(160)]
    public async Task No_line_is_longer_than_the_terminal_and_nothing_is_left_of_a_bar(int width)
    {
        var (screen, written) = await RunAsync(width, "run", "--set", "train.epochs=12");
        Assert.Matches(Numbers(), written); // bars were drawn
        Assert.Equal(0, screen.Overflows);
        Assert.DoesNotContain(screen.Rows, row => Numbers().IsMatch(row) || row.Contains('━', StringComparison.Ordinal) || row.Contains('┄', StringComparison.Ordinal));
        var all = Blanks().Replace(string.Join(' ', screen.Rows), " ");
        foreach (var line in new[] { "ingest: runs (there is no artifact yet)", " reg=0.01: 12 in ", "best recall@20", "compare: runs (there is no artifact yet)" })
            Assert.Contains(line, all, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(44)]
    [InlineData(80)]
    public async Task Names_and_numbers_of_a_table_stay_whole(int width)
    {
        var (screen, _) = await RunAsync(width, "models", "list");
        Assert.Equal(0, screen.Overflows);
        Assert.Contains(screen.Rows, row => row.TrimStart().StartsWith("vlmo-base-plus", StringComparison.Ordinal));
    }

    private async Task<(VirtualScreen Screen, string Written)> RunAsync(int width, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "needs 'script' of util-linux, which gives a program a terminal");
        var terminal = $"script -qefc \"stty cols {width} rows 30; exec $*\" /dev/null < /dev/null > written";
        (await Lmmrec.RunUnderAsync(_folder.Path, ["TERM=xterm", "sh", "-c", terminal, "sh"], arguments)).Expect(0);
        var written = await File.ReadAllTextAsync(_folder.PathOf("written"), TestContext.Current.CancellationToken);
        var screen = new VirtualScreen(width);
        // Where a command says a path, the terminal may part it; people copy it whole.
        screen.Write(Report().Replace(written, ""));
        return (screen, written);
    }

    [GeneratedRegex(@"\d/s|\d+/\d+|left")]
    private static partial Regex Numbers();

    [GeneratedRegex(" +")]
    private static partial Regex Blanks();

    [GeneratedRegex("report: .*|means over .*")]
    private static partial Regex Report();
}
