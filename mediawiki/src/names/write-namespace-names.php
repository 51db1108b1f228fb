<?php
/**
 * Writes namespace-names.json from a MediaWiki tree: for each language it knows, every name and alias of its built-in
 * namespaces, in lower case, as MediaWiki merges them along the language's fallbacks. Those of the project's own
 * namespace are left out, for they are free to take; that of its talk pages is a pattern with `$1`.
 *
 *   php mediawiki/src/names/write-namespace-names.php MEDIAWIKI > mediawiki/src/names/namespace-names.json
 */

const PROJECT = 4;
const PROJECT_TALK = 5;

$tree = $argv[1] ?? '';
if ( !is_dir( "$tree/languages/messages" ) ) {
	fwrite( STDERR, "Usage: php write-namespace-names.php MEDIAWIKI\n" );
	exit( 2 );
}
define( 'MEDIAWIKI', true );
require "$tree/includes/AutoLoader.php";
require "$tree/includes/Defines.php";

/** What the language's own file says, read with nothing else in sight. */
function ownNames( string $tree, string $code ): array {
	$fallback = [];
	$namespaceNames = $namespaceAliases = $namespaceGenderAliases = [];
	$file = "$tree/languages/messages/Messages" . str_replace( '-', '_', ucfirst( $code ) ) . '.php';
	if ( is_file( $file ) ) {
		include $file;
	}
	$chain = is_array( $fallback ) ? $fallback : array_map( 'trim', explode( ',', $fallback ) );
	return [ $namespaceNames, $namespaceAliases, $namespaceGenderAliases, $chain ];
}

/** @return string[] */
function allNames( string $tree, string $code ): array {
	[ $names, $aliases, $genders, $chain ] = ownNames( $tree, $code );
	foreach ( array_unique( [ ...$chain, 'en' ] ) as $other ) {
		[ $moreNames, $moreAliases, $moreGenders ] = ownNames( $tree, $other );
		$names += $moreNames;
		$aliases += $moreAliases;
		// Unlike the others, these are taken whole from the nearest language that has any.
		$genders = $genders ?: $moreGenders;
	}
	$found = [];
	foreach ( $names as $id => $name ) {
		$found[] = [ $id, $name ];
	}
	foreach ( $aliases as $name => $id ) {
		$found[] = [ $id, $name ];
	}
	foreach ( $genders as $id => $forms ) {
		foreach ( $forms as $name ) {
			$found[] = [ $id, $name ];
		}
	}
	$words = [];
	foreach ( $found as [ $id, $name ] ) {
		// A pattern with {{GRAMMAR:}} depends on the name in a way that only MediaWiki knows.
		$isPattern = str_contains( $name, '$1' );
		if ( $id === PROJECT || $name === '' || str_contains( $name, '{' ) || ( $isPattern && $id !== PROJECT_TALK ) ) {
			continue;
		}
		$words[] = mb_strtolower( str_replace( ' ', '_', $name ) );
	}
	$words = array_values( array_unique( $words ) );
	sort( $words, SORT_STRING );
	return $words;
}

$codes = [];
foreach ( glob( "$tree/languages/messages/Messages*.php" ) as $file ) {
	$codes[] = str_replace( '_', '-', strtolower( substr( basename( $file, '.php' ), 8 ) ) );
}
foreach ( glob( "$tree/languages/i18n/*.json" ) as $file ) {
	$codes[] = basename( $file, '.json' );
}
// Neither the documentation of messages nor a joke is a language for a wiki.
$codes = array_diff( array_unique( $codes ), [ 'qqq', 'en-x-piglatin' ] );
sort( $codes, SORT_STRING );

$english = allNames( $tree, 'en' );
$all = [];
foreach ( $codes as $code ) {
	// English names are good in every language.
	$words = $code === 'en' ? $english : array_diff( allNames( $tree, $code ), $english );
	$all[$code] = implode( ' ', $words );
}
echo preg_replace(
	'/^ +/m',
	'  ',
	json_encode( $all, JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES )
), "\n";
