using System.Runtime.InteropServices;
using LmmRec.Artifacts;
using LmmRec.Ingest.Matrices;

namespace LmmRec.Ingest.Tests;

public sealed class NpyMatrixTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("<f2", 1)]
    [InlineData("<f4", 1)]
    [InlineData("<f8", 1)]
    [InlineData("<f4", 2)]
    [InlineData("<f4", 3)]
    public void A_matrix_of_each_type_and_version_is_read_as_float32(string type, byte version)
    {
        double[] values = [0.5, -2, 1024, 0.25, 3, -0.125];
        byte[] bytes = type switch
        {
            "<f2" => [.. MemoryMarshal.AsBytes<Half>(values.Select(v => (Half)v).ToArray())],
            "<f4" => [.. MemoryMarshal.AsBytes<float>(values.Select(v => (float)v).ToArray())],
            _ => [.. MemoryMarshal.AsBytes<double>(values)],
        };
        var matrix = NpyMatrix.Open(Write($"{{'descr': '{type}', 'fortran_order': False, 'shape': (2, 3), }}", bytes, version));
        Assert.Equal((2, 3), (matrix.Rows, matrix.Columns));
        Assert.Equal(type == "<f4" ? null : $"its values are float{8 * matrix.ValueBytes} and become float32", matrix.Converted);
        using var rows = matrix.OpenRows();
        Assert.Equal([[0.5f, -2, 1024], [0.25f, 3, -0.125f]], new[] { rows.Read(0), rows.Read(1) });
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}", "Fortran order")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3)}", "'>f4'")]
    [InlineData("{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3)}", "'<i8'")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3)}", "holds Python objects in pickle's format")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (6,)}", "its shape is (6)")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3)}", "its shape is (0, 3)")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3)}", "its shape is (1, 2, 3)")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", "has no shape")]
    [InlineData("{'descr': '<f4', ", "its header cannot be read: column")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3)}", "where 3 × 3 values of 4 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3)}", "where 1 × 3 values of 4 bytes")]
    public void Another_form_is_refused_by_name(string header, string expected)
    {
        var path = Write(header, new byte[2 * 3 * 4], version: 1);
        var error = Assert.Throws<InvalidInputException>(() => NpyMatrix.Open(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("numpy.save", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(40)]
    [InlineData(100)]
    public void A_file_cut_off_anywhere_is_refused(int length)
    {
        var path = Write("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", new byte[24], version: 1);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);
        Assert.Contains("is a broken .npy file", Assert.Throws<InvalidInputException>(() => NpyMatrix.Open(path)).Message, StringComparison.Ordinal);
    }

    private string Write(string header, byte[] values, byte version) => _folder.Npy("some_feat.npy", header, values, version);
}
