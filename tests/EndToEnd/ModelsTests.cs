namespace LmmRec.EndToEnd;

public sealed class ModelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("inspect")]
    [InlineData("init")]
    [InlineData("import")]
    public async Task An_unknown_encoder_is_a_wrong_argument(string command)
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "models", command, "clip-vit-b17")).Expect(2);
        Assert.Contains("'lmmrec models list' lists the encoders", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proxy.example.com:3128")]
    [InlineData("ftp://me:secret@proxy.example.com")]
    public async Task What_is_no_address_of_a_proxy_is_a_wrong_argument(string proxy)
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "models", "import", "clip-vit-b16", "--proxy", proxy)).Expect(2);
        Assert.Contains("allowed are http, https and socks5", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_import_says_what_the_names_in_the_file_begin_with()
    {
        var (card, file) = (Beside.Case("20-weights-prefixes/card"), Beside.Case("20-weights-prefixes/files/two-models.safetensors"));
        var refused = (await Lmmrec.RunAsync(_folder.Path, "models", "import", card, "--weights", file, "--target", "t")).Expect(1);
        Assert.Contains("'model.' and 'module.'; choose one with --prefix", refused.Error, StringComparison.Ordinal);
        var taken = (await Lmmrec.RunAsync(_folder.Path, "models", "import", card, "--weights", file, "--target", "t", "--prefix", "module.")).Expect(0);
        Assert.Contains("whose names in the file begin with 'module.'", taken.Output, StringComparison.Ordinal);
        Assert.Contains($"left over in the file: 39 more under 'model.'{Environment.NewLine}", taken.Output, StringComparison.Ordinal);
    }
}
