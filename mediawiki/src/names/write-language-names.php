<?php
/**
 * Writes language-names.json from a MediaWiki tree: each language that a wiki may have (those of namespace-names.json),
 * by its own name.
 *
 *   php mediawiki/src/names/write-language-names.php MEDIAWIKI > mediawiki/src/names/language-names.json
 */

$tree = $argv[1] ?? '';
if ( !is_file( "$tree/includes/languages/data/Names.php" ) ) {
	fwrite( STDERR, "Usage: php write-language-names.php MEDIAWIKI\n" );
	exit( 2 );
}
require "$tree/includes/languages/data/Names.php";

$known = json_decode( file_get_contents( __DIR__ . '/namespace-names.json' ), true );
$names = [];
foreach ( array_keys( $known ) as $code ) {
	// A few have no name of their own there; their code stands for them.
	$name = MediaWiki\Languages\Data\Names::NAMES[$code] ?? $code;
	// Marks of direction belong to where a name is shown.
	$names[$code] = preg_replace( '/[\x{200E}\x{200F}\x{202A}-\x{202C}]/u', '', $name );
}
echo preg_replace(
	'/^ +/m',
	'  ',
	json_encode( $names, JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES )
), "\n";
